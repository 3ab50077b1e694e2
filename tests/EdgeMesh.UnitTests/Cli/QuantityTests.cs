using EdgeMesh.Cli;
using Xunit;

namespace EdgeMesh.UnitTests.Cli;

public sealed class QuantityTests
{
    [Theory]
    [InlineData(0ul, "0 B")]
    [InlineData(1023ul, "1023 B")]
    [InlineData(1024ul, "1.00 KiB")]
    [InlineData(10239ul, "10.0 KiB")]
    [InlineData(102400ul, "100 KiB")]
    [InlineData(1048575ul, "1.00 MiB")]
    [InlineData(ulong.MaxValue, "16.0 EiB")]
    public void Bytes_have_three_digits(ulong bytes, string text) => Assert.Equal(text, Quantity.Bytes(bytes));

    [Theory]
    [InlineData(0, "0.0s")]
    [InlineData(9.94, "9.9s")]
    [InlineData(9.99, "9s")]
    [InlineData(59.99, "59s")]
    [InlineData(60, "1m 0s")]
    [InlineData(3599.9, "59m 59s")]
    [InlineData(18180, "5h 3m")]
    [InlineData(273600, "3d 4h")]
    [InlineData(1e18, "11574074074074d 1h")]
    [InlineData(-1, "-")]
    [InlineData(double.NaN, "-")]
    [InlineData(double.PositiveInfinity, "-")]
    public void Durations_have_two_units(double seconds, string text) => Assert.Equal(text, Quantity.Duration(seconds));

    [Theory]
    [InlineData(0.000345, "0.345 ms")]
    [InlineData(0.0123, "12.3 ms")]
    [InlineData(1.5, "1500 ms")]
    [InlineData(double.NaN, "-")]
    public void Round_trips_are_milliseconds(double seconds, string text) =>
        Assert.Equal(text, Quantity.RoundTrip(seconds));
}
