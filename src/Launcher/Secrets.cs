using System.Security.Cryptography;
using System.Text.Json;

namespace BookSaga.Launcher;

/// <summary>Generated passwords and client secrets in <c>.data/secrets.json</c>, readable by their owner only.</summary>
internal sealed class Secrets
{
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    private const int Length = 32; // 190 bits, and nothing that a URL or a shell would need escaped

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };
    private readonly Lock _lock = new();
    private readonly string _file;
    private readonly SortedDictionary<string, string> _values;

    internal Secrets(string file)
    {
        _file = file;
        try
        {
            _values = File.Exists(file) ? JsonSerializer.Deserialize<SortedDictionary<string, string>>(File.ReadAllText(file)) ?? [] : [];
        }
        catch (JsonException)
        {
            throw new Failure($"{file} is damaged; restore it, or start anew with: make reset.");
        }
    }

    /// <summary>The secret called <paramref name="name"/>, made and saved at its first use.</summary>
    internal string this[string name]
    {
        get
        {
            lock (_lock)
            {
                if (!_values.TryGetValue(name, out string? value))
                {
                    value = RandomNumberGenerator.GetString(Alphabet, Length);
                    _values.Add(name, value);
                    PrivateFile.Write(_file, JsonSerializer.Serialize(_values, Indented));
                }
                return value;
            }
        }
    }
}
