using System;
using System.Collections.Generic;
using System.Diagnostics;

namespace EdgeMesh.Lab.Demo;

/// <summary>Tells on the terminal what happens, and keeps the outcome of each part for the summary.</summary>
internal sealed class Narrator
{
    private readonly List<(string What, bool IsGood, string Finding)> _outcomes = [];
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly bool _hasColor = !Console.IsOutputRedirected;
    private int _part;

    public bool IsAllGood => _outcomes.TrueForAll(outcome => outcome.IsGood);

    public void Part(string title)
    {
        _part++;
        Console.WriteLine();
        Console.WriteLine(Paint("1", $"[{_clock.Elapsed.TotalSeconds,5:0.0} s]  {_part}. {title}"));
    }

    public void Say(string text)
    {
        foreach (string line in text.TrimEnd().Split('\n'))
        {
            Console.WriteLine("    " + line.TrimEnd());
        }
    }

    /// <summary>Says a finding and keeps it for the summary.</summary>
    public void Outcome(string what, bool isGood, string finding)
    {
        _outcomes.Add((what, isGood, finding));
        Say($"{Mark(isGood)} {what}: {finding}");
    }

    public void Summary()
    {
        const int WhatColumns = 30;
        Console.WriteLine();
        Console.WriteLine(Paint("1", new string('=', 100)));
        foreach ((string what, bool isGood, string finding) in _outcomes)
        {
            Console.WriteLine($"  {Mark(isGood)}  {what.PadRight(WhatColumns)} {finding}");
        }

        Console.WriteLine(Paint("1", new string('=', 100)));
        int good = _outcomes.FindAll(outcome => outcome.IsGood).Count;
        Console.WriteLine($"  {good} of {_outcomes.Count} held, in {_clock.Elapsed.TotalSeconds:0} s");
    }

    private string Mark(bool isGood) => isGood ? Paint("32", "ok  ") : Paint("31", "FAIL");

    private string Paint(string code, string text) => _hasColor ? $"\e[{code}m{text}\e[0m" : text;
}
