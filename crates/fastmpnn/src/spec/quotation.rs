//! Quotes the user's text in messages.

/// A line of a file of selections, from 1.
#[derive(Clone, Copy)]
pub(super) struct FileLine<'a> {
    pub(super) file: &'a str,
    pub(super) line: usize,
}

/// Text of a user for an error message: quoted, unprintable characters escaped, cut when long.
pub(super) fn quoted(text: &str) -> String {
    const SHOWN: usize = 60;
    let text = text.trim();
    let shown: String = text.chars().take(SHOWN).flat_map(char::escape_debug).collect();
    let more = if text.chars().nth(SHOWN).is_some() { "…" } else { "" };
    format!("`{shown}{more}`")
}

/// A text for an error message, with the line of its file.
pub(super) fn written(text: &str, line: Option<FileLine<'_>>) -> String {
    match line {
        None => quoted(text),
        Some(FileLine { file, line }) => {
            let file: String = file.chars().flat_map(char::escape_debug).collect();
            format!("{} ({file}, line {line})", quoted(text))
        }
    }
}
