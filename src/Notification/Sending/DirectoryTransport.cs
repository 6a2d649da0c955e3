using System.Globalization;
using MimeKit;

namespace BookSaga.Notification.Sending;

/// <summary>Files in <c>Mail:Directory</c>, for a machine without a mail server. A name belongs to a mail: a repeat replaces its file.</summary>
internal sealed class DirectoryTransport(string directory) : MailTransport
{
    internal override Task OpenAsync(CancellationToken ct)
    {
        Directory.CreateDirectory(directory);
        return Task.CompletedTask;
    }

    internal override async Task<Delivery> SendAsync(MimeMessage message, IReadOnlyList<string> recipients, CancellationToken ct)
    {
        string id = message.MessageId!.Split('@')[0];
        string name = string.Create(CultureInfo.InvariantCulture, $"{message.Date.UtcDateTime:yyyyMMdd'T'HHmmss}-{id}.eml");
        string final = Path.Combine(directory, name);
        // Who reads the folder sees whole mails only.
        string draft = Path.Combine(directory, "." + name + ".tmp");
        await using (FileStream file = new(draft, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 16 * 1024, FileOptions.Asynchronous | FileOptions.WriteThrough))
        {
            await message.WriteToAsync(file, ct);
        }
        File.Move(draft, final, overwrite: true);
        return new Delivery(recipients, [], null, Answer: "written to " + name);
    }

    internal override Task CloseAsync() => Task.CompletedTask;
}
