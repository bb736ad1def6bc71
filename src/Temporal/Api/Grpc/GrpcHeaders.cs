using System.Globalization;
using System.Text;
using Google.Protobuf;

namespace Onramp.Grpc;

/// <summary>How gRPC writes a status, its text, its details and a timeout into HTTP headers and trailers.</summary>
internal static class GrpcHeaders
{
    public const string ContentType = "application/grpc";
    public const string Status = "grpc-status";
    public const string Message = "grpc-message";
    public const string Details = "grpc-status-details-bin";
    public const string Timeout = "grpc-timeout";
    public const string Encoding = "grpc-encoding";
    public const string AcceptEncoding = "grpc-accept-encoding";

    /// <summary>Percent-encodes what may not stand in a header; the text travels as UTF-8.</summary>
    public static string EncodeMessage(string message)
    {
        var plain = true;
        foreach (var c in message)
        {
            if (c is < ' ' or > '~' or '%')
            {
                plain = false;
                break;
            }
        }

        if (plain)
        {
            return message;
        }

        var encoded = new StringBuilder(message.Length + 16);
        foreach (var b in System.Text.Encoding.UTF8.GetBytes(message))
        {
            if (b is < (byte)' ' or > (byte)'~' or (byte)'%')
            {
                encoded.Append('%').Append(b.ToString("X2", CultureInfo.InvariantCulture));
            }
            else
            {
                encoded.Append((char)b);
            }
        }

        return encoded.ToString();
    }

    public static string DecodeMessage(string encoded) => encoded.Contains('%', StringComparison.Ordinal) ? Uri.UnescapeDataString(encoded) : encoded;

    /// <summary>The value of <c>grpc-status-details-bin</c>, or null when there is no detail.</summary>
    public static string? EncodeDetails(GrpcException failure)
    {
        if (failure.Details.Count == 0)
        {
            return null;
        }

        var status = new Google.Rpc.Status { Code = (int)failure.Code, Message = failure.Message };
        status.Details.Add(failure.Details);
        return Convert.ToBase64String(status.ToByteArray()).TrimEnd('=');
    }

    /// <summary>Makes the failure that a status, its text and its details stand for.</summary>
    public static GrpcException Decode(int code, string? message, string? details)
    {
        var text = message is null ? string.Empty : DecodeMessage(message);
        var status = code is > 0 and <= (int)GrpcStatusCode.Unauthenticated ? (GrpcStatusCode)code : GrpcStatusCode.Unknown;
        if (string.IsNullOrEmpty(details))
        {
            return new GrpcException(status, text);
        }

        try
        {
            return new GrpcException(status, text, [.. Google.Rpc.Status.Parser.ParseFrom(FromUnpaddedBase64(details)).Details]);
        }
        catch (Exception e) when (e is FormatException or InvalidProtocolBufferException)
        {
            return new GrpcException(status, text, innerException: e);
        }
    }

    /// <summary>At most eight digits and a unit: hours, minutes, seconds, milli-, micro- or nanoseconds.</summary>
    public static TimeSpan? ParseTimeout(string? value)
    {
        if (string.IsNullOrEmpty(value) || value.Length > 9 || !long.TryParse(value.AsSpan(0, value.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var n))
        {
            return null;
        }

        return value[^1] switch
        {
            'H' => TimeSpan.FromTicks(checked(n * TimeSpan.TicksPerHour)),
            'M' => TimeSpan.FromTicks(n * TimeSpan.TicksPerMinute),
            'S' => TimeSpan.FromTicks(n * TimeSpan.TicksPerSecond),
            'm' => TimeSpan.FromTicks(n * TimeSpan.TicksPerMillisecond),
            'u' => TimeSpan.FromTicks(n * TimeSpan.TicksPerMicrosecond),
            'n' => TimeSpan.FromTicks(n / TimeSpan.NanosecondsPerTick),
            _ => null,
        };
    }

    /// <summary>In the finest unit whose number has at most eight digits.</summary>
    public static string FormatTimeout(TimeSpan timeout)
    {
        const long mostDigits = 99_999_999;
        var micros = Math.Max(0, timeout.Ticks / TimeSpan.TicksPerMicrosecond);
        (long Number, char Unit) = micros <= mostDigits ? (micros, 'u')
            : micros / 1000 <= mostDigits ? (micros / 1000, 'm')
            : (Math.Min(micros / 1_000_000, mostDigits), 'S');
        return string.Create(CultureInfo.InvariantCulture, $"{Number}{Unit}");
    }

    private static byte[] FromUnpaddedBase64(string value)
    {
        var text = value.TrimEnd('=');
        return Convert.FromBase64String(text.PadRight((text.Length + 3) / 4 * 4, '='));
    }
}
