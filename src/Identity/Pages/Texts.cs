using BookSaga.Hosting.Http;

namespace BookSaga.Identity.Pages;

/// <summary>The words of the pages, one set for each language.</summary>
internal sealed record Texts
{
    public required string SignIn { get; init; }

    public required string Email { get; init; }

    public required string Password { get; init; }

    public required string WrongPassword { get; init; }

    public required string PageExpired { get; init; }

    public required string SignOut { get; init; }

    public required string ConfirmSignOut { get; init; }

    public required string SignedOut { get; init; }

    public required string Refused { get; init; }

    private static readonly Texts Russian = new()
    {
        SignIn = "Войти",
        Email = "Электронная почта",
        Password = "Пароль",
        WrongPassword = "Почта или пароль не подходят. Проверьте их; после многих ошибок вход закрывается на минуту.",
        PageExpired = "Страница устарела. Введите пароль ещё раз.",
        SignOut = "Выйти",
        ConfirmSignOut = "Выйти из BookSaga?",
        SignedOut = "Вы вышли.",
        Refused = "Не получилось войти",
    };

    private static readonly Texts English = new()
    {
        SignIn = "Sign in",
        Email = "E-mail",
        Password = "Password",
        WrongPassword = "The e-mail or the password does not match. Check both; after many failures sign-in is closed for a minute.",
        PageExpired = "This page was out of date. Please enter the password again.",
        SignOut = "Sign out",
        ConfirmSignOut = "Sign out of BookSaga?",
        SignedOut = "You are signed out.",
        Refused = "Signing in did not work",
    };

    public static Texts Of(Language language) => language.Code == "en" ? English : Russian;
}
