//! Values of peers as a line shows them: short, and without secrets.

/// The longest value that a view shows whole, in characters.
pub(super) const LONGEST: usize = 120;

/// A value on one line, cut where it is long.
pub(super) fn short(text: &str) -> String {
    let mut line = String::new();
    let mut letters = 0;
    for word in text.split_whitespace() {
        let blank = (letters > 0).then_some(' ');
        for letter in blank.into_iter().chain(word.chars()) {
            if letters == LONGEST {
                return format!("{line}… ({} bytes)", text.len());
            }
            line.push(letter);
            letters += 1;
        }
    }
    line
}

/// At most so many characters.
pub(super) fn cut(text: &str, longest: usize) -> String {
    match text.char_indices().nth(longest) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// How names end whose values nobody else may see: what proves who somebody is, what opens something,
/// and the nodes of configuration service providers that hold such things in a larger value.
const SECRETS: [&str; 29] = [
    "accesskey",
    "apikey",
    "authdata",
    "blob",
    "challenge",
    "credential",
    "credentials",
    "decryptionkey",
    "digestresponse",
    "eapconfiguration",
    "encrypteddata",
    "magic",
    "passcode",
    "passphrase",
    "password",
    "pin",
    "privatekey",
    "productkey",
    "profilexml",
    "psk",
    "pwd",
    "recoverykey",
    "recoverykeycms",
    "saskey",
    "secret",
    "sharedkey",
    "token",
    "tokenparameters",
    "wlanxml",
];

/// Names that end like secrets and are revisions of declarations, which is what people look for.
const REVISIONS: [&str; 3] = ["servertoken", "declarationstoken", "server-token"];

/// Whether the value of this name is a secret: `UnlockToken`, `push-token`, `AAuthSecret`; not
/// `PasscodePresent`, and not `Spin`.
pub(super) fn is_secret(name: &str) -> bool {
    if REVISIONS.iter().any(|known| known.eq_ignore_ascii_case(name)) {
        return false;
    }
    SECRETS.iter().any(|end| {
        let Some(from) = name.len().checked_sub(end.len()) else { return false };
        let (Some(before), Some(last)) = (name.get(..from), name.get(from..)) else { return false };
        let begins_a_word = !before.ends_with(|c: char| c.is_ascii_alphabetic())
            || last.starts_with(|c: char| c.is_ascii_uppercase());
        // `AAUTHDATA`, `userpassword`: longer words are no part of another one.
        last.eq_ignore_ascii_case(end) && (begins_a_word || end.len() >= 5)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_cut_after_the_longest() {
        let longest = "ä".repeat(LONGEST);
        assert_eq!(short(&longest), longest);
        assert_eq!(short(&format!("{longest}b")), format!("{longest}… (241 bytes)"));
        assert_eq!(short(" a\n\t b "), "a b");
        assert_eq!((cut("abc", 3), cut("abcd", 3)), ("abc".to_owned(), "abc…".to_owned()));
    }

    #[test]
    fn secrets_are_told_by_their_names() {
        for name in [
            "L2tpPsk",
            "PFXCertBlob",
            "WlanXml",
            "ProfileXML",
            "EapConfiguration",
            "SASKey",
            "AccountPwd",
            "Credentials",
            "UnlockToken",
            "Token",
            "token",
            "push-token",
            "PushMagic",
            "AAuthSecret",
            "AAuthData",
            "Password",
            "RemovalPassword",
            "PIN",
            "BootstrapToken",
            "DigestResponse",
            "client_secret",
        ] {
            assert!(is_secret(name), "{name}");
        }
        for name in [
            "ServerToken",
            "DeclarationsToken",
            "server-token",
            "PasscodePresent",
            "Spin",
            "Data",
            "AllowPasswordReveal",
            "TokenType",
            "",
        ] {
            assert!(!is_secret(name), "{name}");
        }
    }
}
