using System.Globalization;

namespace Onramp.EmbeddedServer;

/// <summary>Floating-point numbers as the reference's language writes them, in as few digits as tell them from their neighbours.</summary>
internal static class GoNumber
{
    private const int SmallestExponent = -4;
    private const int ExponentsInText = 6;
    private const int SmallestJsonExponent = -6;
    private const int ExponentsInJson = 21;

    /// <summary>In messages: <c>100</c>, <c>1.5</c>, <c>1e+06</c>.</summary>
    public static string Text(double value)
    {
        var (digits, exponent) = Shortest(value);
        var text = exponent is >= SmallestExponent and < ExponentsInText
            ? Plain(digits, exponent)
            : string.Create(CultureInfo.InvariantCulture, $"{Mantissa(digits)}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):00}");
        return value < 0 ? $"-{text}" : text;
    }

    /// <summary>In JSON: <c>1000000</c>, <c>1e+21</c>, <c>1e-7</c>.</summary>
    public static string Json(double value)
    {
        var (digits, exponent) = Shortest(value);
        var text = exponent is >= SmallestJsonExponent and < ExponentsInJson
            ? Plain(digits, exponent)
            : string.Create(CultureInfo.InvariantCulture, $"{Mantissa(digits)}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent)}");
        return double.IsNegative(value) ? $"-{text}" : text;
    }

    /// <summary>The digits, and the power of ten of the first of them.</summary>
    private static (string Digits, int Exponent) Shortest(double value)
    {
        var text = Math.Abs(value).ToString("R", CultureInfo.InvariantCulture);
        var mark = text.IndexOf('E', StringComparison.Ordinal);
        var number = mark < 0 ? text : text[..mark];
        var exponent = mark < 0 ? 0 : int.Parse(text[(mark + 1)..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        var point = number.IndexOf('.', StringComparison.Ordinal);
        var digits = number.Replace(".", "", StringComparison.Ordinal);
        var leading = digits.Length - digits.TrimStart('0').Length;
        exponent += (point < 0 ? number.Length : point) - 1 - leading;
        digits = digits[leading..].TrimEnd('0');
        return digits.Length == 0 ? ("0", 0) : (digits, exponent);
    }

    private static string Mantissa(string digits) => digits.Length == 1 ? digits : $"{digits[..1]}.{digits[1..]}";

    private static string Plain(string digits, int exponent)
    {
        if (exponent < 0)
        {
            return $"0.{new string('0', -exponent - 1)}{digits}";
        }

        var whole = digits.PadRight(exponent + 1, '0');
        return whole.Length == exponent + 1 ? whole : $"{whole[..(exponent + 1)]}.{whole[(exponent + 1)..]}";
    }
}
