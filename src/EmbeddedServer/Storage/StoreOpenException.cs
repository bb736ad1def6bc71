namespace Onramp.EmbeddedServer.Storage;

/// <summary>The store's file can't be used; the message names it and says why.</summary>
public sealed class StoreOpenException(string message, Exception? innerException = null) : Exception(message, innerException);
