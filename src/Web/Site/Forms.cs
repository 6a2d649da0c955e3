using BookSaga.Web.Api;
using BookSaga.Web.Words;

namespace BookSaga.Web.Site;

/// <summary>The forms of this request: what was typed, also before a sign-in that came between.</summary>
public sealed class Forms(IHttpContextAccessor accessor, Texts texts)
{
    public const string KeptKey = "kept-form";

    /// <summary>The hidden field of a form that needs a session on a page that does not.</summary>
    public const string SignedInField = "_signed_in";

    private const string NameField = "_handler"; // the framework's
    private readonly Dictionary<string, Form> _forms = [];

    /// <summary>The form <paramref name="name"/> of this page, with what was sent by it, if it was.</summary>
    public Form this[string name]
    {
        get
        {
            if (!_forms.TryGetValue(name, out Form? form))
            {
                HttpContext context = accessor.HttpContext!;
                Dictionary<string, string> values = context.Items[KeptKey] as Dictionary<string, string>
                    ?? (context.Request.HasFormContentType ? context.Request.Form.ToDictionary(field => field.Key, field => field.Value.ToString()) : []);
                bool mine = values.GetValueOrDefault(NameField) == name;
                _forms[name] = form = new Form(name, texts, mine ? values : []) { WasKept = mine && context.Items.ContainsKey(KeptKey), WasSent = mine && !context.Items.ContainsKey(KeptKey) };
            }
            return form;
        }
    }
}

/// <summary>One form: values as typed, errors next to their field, and the key under which its money moves once.</summary>
public sealed class Form(string name, Texts texts, Dictionary<string, string> values)
{
    public const string KeyField = "_key";
    private readonly Dictionary<string, string> _errors = [];

    /// <summary>Unique on its page.</summary>
    public string Name => name;

    /// <summary>Shown again after a sign-in, not sent yet.</summary>
    public bool WasKept { get; init; }

    /// <summary>Sent by this request: it must be on the page, also where the page would not show it any more, or nobody hears of it.</summary>
    public bool WasSent { get; init; }

    /// <summary>What was wrong with the form as a whole.</summary>
    public string? Error { get; private set; }

    /// <summary>Whether anything was wrong.</summary>
    public bool HasErrors => Error is not null || _errors.Count > 0;

    /// <summary>The fields with an error, in the order in which they were found.</summary>
    public IReadOnlyDictionary<string, string> Errors => _errors;

    /// <summary>The idempotency key: made with the form, so that sending it twice does its work once; a new one when the last answer was final.</summary>
    public string Key { get; private set; } = values.GetValueOrDefault(KeyField) is { Length: > 0 and < 64 } sent ? sent : Guid.CreateVersion7().ToString();

    /// <summary>What was typed into <paramref name="field"/>; set it to show something at first.</summary>
    public string this[string field]
    {
        get => values.GetValueOrDefault(field, "");
        set => values[field] = value;
    }

    /// <summary>Sets what is shown unless something was typed.</summary>
    public void Default(string field, string value) => values.TryAdd(field, value);

    public bool Has(string field) => this[field].Length > 0;

    public string? ErrorOf(string field) => _errors.GetValueOrDefault(field);

    /// <summary>The text of a field that must not be empty.</summary>
    public string Required(string field)
    {
        string text = this[field].Trim();
        if (text.Length == 0)
        {
            Fail(field, texts["problem.required"]);
        }
        return text;
    }

    /// <summary>An amount as people write it: with a comma or a point, and blanks between thousands.</summary>
    public decimal Amount(string field)
    {
        if (!TypedAmount.TryParse(Required(field), out decimal amount) || amount <= 0)
        {
            if (ErrorOf(field) is null)
            {
                Fail(field, texts["problem.amount"]);
            }
            return 0;
        }
        return amount;
    }

    /// <summary>Says what is wrong with a field.</summary>
    public void Fail(string field, string error) => _errors.TryAdd(field, error);

    /// <summary>Says what is wrong as a whole.</summary>
    public void Fail(string error) => Error = error;

    /// <summary>Puts the API's refusal next to <paramref name="at"/> or the field that its code names (<c>email_taken</c>, <c>invalid_email</c>), else above the form.</summary>
    public void Fail(ApiProblem problem, string? at = null)
    {
        if (!problem.IsUnknown)
        {
            Key = Guid.CreateVersion7().ToString(); // that answer is final, and would be given again
        }
        string? field = at ?? values.Keys.Where(f => f.Length > 0 && f[0] != '_' && (problem.Code.StartsWith(f + "_", StringComparison.Ordinal) || problem.Code == "invalid_" + f)).MaxBy(f => f.Length);
        if (field is null)
        {
            Fail(texts.Problem(problem));
        }
        else
        {
            Fail(field, texts.Problem(problem));
        }
    }
}
