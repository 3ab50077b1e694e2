namespace EdgeMesh.Perf.Measuring.Protocol;

/// <summary>What a control message says.</summary>
public enum MessageWord
{
    /// <summary>Nothing: never sent.</summary>
    None,

    /// <summary>Client: take part in this.</summary>
    Request,

    /// <summary>Server: yes.</summary>
    Grant,

    /// <summary>Server: no, because.</summary>
    Refusal,

    /// <summary>Client: all my connections stand.</summary>
    Start,

    /// <summary>Server: time runs from now.</summary>
    Started,

    /// <summary>Client: I have sent my last.</summary>
    Finish,

    /// <summary>Server: this is what I counted.</summary>
    Outcome,
}
