namespace EdgeMesh.Perf.Scale;

/// <summary>What a process cost during a phase.</summary>
/// <param name="CpuPercent">Of one processor.</param>
/// <param name="ResidentMiB">Resident memory, median.</param>
/// <param name="ResidentMaxMiB">Resident memory, most.</param>
/// <param name="AnonymousMiB">Of it, what is not pages of files, median.</param>
/// <param name="ReceivedMiBPerHour">From the API, HTTP/1.1 without TLS.</param>
/// <param name="SentMiBPerHour">To the API.</param>
/// <param name="RequestsPerHour">Requests to the API.</param>
internal sealed record PhaseCost(
    double CpuPercent,
    double ResidentMiB,
    double ResidentMaxMiB,
    double AnonymousMiB,
    double ReceivedMiBPerHour,
    double SentMiBPerHour,
    double RequestsPerHour);
