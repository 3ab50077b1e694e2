using System;

namespace EdgeMesh.Cli;

/// <summary>What a run of probes adds up to.</summary>
internal sealed class PingStatistics
{
    private double _sumSeconds;

    /// <summary>Probes sent.</summary>
    public int Sent { get; private set; }

    /// <summary>Probes answered.</summary>
    public int Answered { get; private set; }

    /// <summary>Shortest round trip; 0 if there was none.</summary>
    public double SecondsMin { get; private set; }

    /// <summary>Mean round trip; 0 if there was none.</summary>
    public double SecondsMean => Answered == 0 ? 0 : _sumSeconds / Answered;

    /// <summary>Longest round trip; 0 if there was none.</summary>
    public double SecondsMax { get; private set; }

    /// <summary>Lost probes of those sent, from 0 to 1.</summary>
    public double LossRatio => Sent == 0 ? 0 : (Sent - Answered) / (double)Sent;

    /// <summary>Counts a probe that was answered.</summary>
    public void AddAnswer(double seconds)
    {
        SecondsMin = Answered == 0 ? seconds : Math.Min(SecondsMin, seconds);
        SecondsMax = Math.Max(SecondsMax, seconds);
        _sumSeconds += seconds;
        Sent++;
        Answered++;
    }

    /// <summary>Counts a probe that was not.</summary>
    public void AddLoss() => Sent++;
}
