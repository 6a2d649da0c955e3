using Microsoft.Extensions.Options;

namespace BookSaga.Customer.Profiles;

/// <summary>Messages as files in <c>Sms:Directory</c>, one each, readable by this user only; for tests and for a machine whose messages another program fetches.</summary>
internal sealed class FilePhoneCodeSender(IOptions<SmsOptions> options, TimeProvider time) : IPhoneCodeSender
{
    public async Task SendAsync(string phone, string code, CancellationToken ct)
    {
        string folder = options.Value.Directory;
        string name = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{time.GetUtcNow():yyyyMMdd'T'HHmmssfff}-{Guid.NewGuid():N}.txt");
        // Who reads the folder sees whole messages only.
        string draft = Path.Combine(folder, "." + name + ".tmp");
        try
        {
            Directory.CreateDirectory(folder);
            var create = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
            {
                create.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            }
            await using (var file = new StreamWriter(draft, create))
            {
                await file.WriteAsync($"To: {phone}\n\n{options.Value.Text.Replace(SmsOptions.Code, code, StringComparison.Ordinal)}\n".AsMemory(), ct);
            }
            File.Move(draft, Path.Combine(folder, name));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SmsException(SmsFailure.Unavailable, "the folder cannot be written", e);
        }
    }
}
