namespace Temporalio.Client;

/// <summary>What belongs to one call to the server.</summary>
public class RpcOptions : ICloneable
{
    /// <summary>Whether to retry transient errors. Default: calls of the client retry, raw service calls don't.</summary>
    public bool? Retry { get; set; }

    /// <summary>Headers in addition to, or in place of, those of the connection.</summary>
    public IReadOnlyCollection<KeyValuePair<string, string>>? Metadata { get; set; }

    /// <summary>Binary headers; their names end in <c>-bin</c>.</summary>
    public IReadOnlyCollection<KeyValuePair<string, byte[]>>? BinaryMetadata { get; set; }

    /// <summary>Limit of one attempt. Default: 30 seconds, 70 for long polls.</summary>
    public TimeSpan? Timeout { get; set; }

    /// <summary>Cancels the call.</summary>
    public CancellationToken? CancellationToken { get; set; }

    /// <summary>A copy.</summary>
    public virtual object Clone() => MemberwiseClone();

    /// <summary>Options that another token cancels too. The source, if there is one, has to be disposed after the call.</summary>
    /// <param name="cancellationToken">The other token.</param>
    public Tuple<RpcOptions, CancellationTokenSource?> WithAdditionalCancellationToken(CancellationToken? cancellationToken)
    {
        if (cancellationToken is not { CanBeCanceled: true } additional)
        {
            return Tuple.Create(this, default(CancellationTokenSource));
        }

        var copy = (RpcOptions)Clone();
        if (CancellationToken is not { CanBeCanceled: true } own)
        {
            copy.CancellationToken = additional;
            return Tuple.Create(copy, default(CancellationTokenSource));
        }

        var source = CancellationTokenSource.CreateLinkedTokenSource(own, additional);
        copy.CancellationToken = source.Token;
        return Tuple.Create(copy, (CancellationTokenSource?)source);
    }
}

/// <summary>How transient errors are retried.</summary>
public class RpcRetryOptions : ICloneable
{
    /// <summary>Wait before the first retry. Default: 100 ms.</summary>
    public TimeSpan InitialInterval { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>How much waits vary, as a fraction. Default: 0.2.</summary>
    public float RandomizationFactor { get; set; } = 0.2f;

    /// <summary>Factor from one wait to the next. Default: 1.7.</summary>
    public float Multiplier { get; set; } = 1.7f;

    /// <summary>Longest wait. Default: 5 s.</summary>
    public TimeSpan MaxInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>When to give up. Default: 10 s; null for never.</summary>
    public TimeSpan? MaxElapsedTime { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Retries before giving up. Default: 10.</summary>
    public int MaxRetries { get; set; } = 10;

    /// <summary>A copy.</summary>
    public virtual object Clone() => MemberwiseClone();
}
