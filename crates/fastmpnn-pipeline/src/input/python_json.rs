//! JSON as Python writes it.

use std::borrow::Cow;

/// A text with null for `NaN` and the infinities, which Python writes, and which are not JSON.
pub(super) fn without_nan(text: &[u8]) -> Cow<'_, [u8]> {
    const WORDS: [&[u8]; 3] = [b"NaN", b"-Infinity", b"Infinity"];
    if !text.windows(3).any(|three| three == b"NaN" || three == b"Inf") {
        return Cow::Borrowed(text);
    }
    let mut plain = Vec::with_capacity(text.len() + text.len() / 8);
    let (mut rest, mut quoted) = (text, false);
    while let [first, after @ ..] = rest {
        if let Some(word) = WORDS.into_iter().find(|word| !quoted && rest.starts_with(word)) {
            plain.extend_from_slice(b"null");
            rest = &rest[word.len()..];
            continue;
        }
        plain.push(*first);
        rest = after;
        match first {
            b'"' => quoted = !quoted,
            b'\\' if quoted => {
                // What follows is no end of the text.
                plain.extend(rest.first());
                rest = rest.get(1..).unwrap_or_default();
            }
            _ => {}
        }
    }
    Cow::Owned(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_numbers_that_are_none_are_replaced() {
        let plain = |text: &str| String::from_utf8(without_nan(text.as_bytes()).into_owned()).unwrap();
        assert_eq!(
            plain(r#"{"NaN\"NaN": [NaN, -Infinity, 1.0, Infinity]}"#),
            r#"{"NaN\"NaN": [null, null, 1.0, null]}"#
        );
        assert_eq!(plain("[1]"), "[1]");
        assert_eq!(plain("\"NaN\\"), "\"NaN\\");
    }
}
