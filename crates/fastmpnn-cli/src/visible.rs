//! Makes text from names and files safe to show: a terminal obeys control characters, and some reverse the text that
//! follows.

use std::fmt::Display;

/// The text with control characters escaped, a line break as `\n`.
pub(crate) fn visible(text: impl Display) -> String {
    escaped(&text.to_string(), |_| false)
}

/// [`visible`] for several lines: line breaks stay.
pub(crate) fn visible_lines(text: impl Display) -> String {
    escaped(&text.to_string(), |character| character == '\n')
}

fn escaped(text: &str, stays: impl Fn(char) -> bool) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        if stays(character) || !is_control(character) {
            shown.push(character);
        } else {
            shown.extend(character.escape_default());
        }
    }
    shown
}

/// Control characters of terminals, and those of Unicode that change the direction of text.
fn is_control(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_invisible_is_left() {
        assert_eq!(visible("a\u{1b}[31m\tb\n5 Å"), "a\\u{1b}[31m\\tb\\n5 Å");
        assert_eq!(visible("\u{202e}bdp.x\u{9b}"), "\\u{202e}bdp.x\\u{9b}");
        assert_eq!(visible_lines("a\nb\u{7}"), "a\nb\\u{7}");
    }
}
