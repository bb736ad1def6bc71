namespace Onramp.EmbeddedServer;

/// <summary>The words of the reference's protobuf library.</summary>
internal static class GoProtobuf
{
    /// <summary>
    /// How its errors begin. So that nobody compares them, each build of a program has one of two spaces here and between the fields of shown messages;
    /// where these are two blanks, as in the reference's, the space here is one that doesn't break.
    /// </summary>
    public const string ErrorPrefix = "proto:\u00a0";
}
