using Microsoft.AspNetCore.Http;

namespace BookSaga.Hosting.Http;

/// <summary>A parameter is out of its range; the message is shown to the client as the 400's <c>error</c>.</summary>
public sealed class InvalidParameterException(string message) : BadHttpRequestException(message);
