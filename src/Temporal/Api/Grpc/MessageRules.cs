namespace Onramp.Grpc;

/// <summary>What a received message must keep to.</summary>
/// <param name="MaximumBytes">Its largest size, also after decompression.</param>
/// <param name="MustBeUtf8">Whether text that is not UTF-8 is refused; else it is read with replacement characters.</param>
internal readonly record struct MessageRules(int MaximumBytes, bool MustBeUtf8)
{
    /// <summary>Requests to a server: gRPC's default size, which Temporal's server keeps, and text that is text.</summary>
    public static readonly MessageRules Request = new(4 * 1024 * 1024, MustBeUtf8: true);

    /// <summary>Answers to a client: the size that Temporal's core raises its channels to.</summary>
    public static readonly MessageRules Response = new(128 * 1024 * 1024, MustBeUtf8: false);
}
