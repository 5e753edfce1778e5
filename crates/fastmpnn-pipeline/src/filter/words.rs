//! The words of an expression, before it is parsed.

use std::sync::LazyLock;

use regex::Regex;

/// A text in quotes, a name, or a parenthesis; names in braces are names, too.
static WORD: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"'[^']*'|"[^"]*"|\{[^}]*\}|[A-Za-z_][A-Za-z0-9_]*|[0-9.]+([eE][+-]?[0-9]+)?|[()]"#)
        .unwrap_or_else(|error| unreachable!("a pattern of the program's own: {error}"))
});

/// The words of the language.
const RESERVED: [&str; 8] = ["and", "or", "not", "true", "false", "abs", "min", "max"];

/// The expression with every name in braces, which the parser takes as they are: otherwise it would see `or` in `origin`.
/// White space of any kind becomes a blank.
pub(super) fn braced(text: &str) -> String {
    let mut braced = String::new();
    let mut end = 0;
    for word in WORD.find_iter(text) {
        braced.push_str(&blank(&text[end..word.start()]));
        end = word.end();
        let word = word.as_str();
        let is_name = word.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
        if is_name && !RESERVED.contains(&word) {
            braced.push_str(&format!("{{{word}}}"));
        } else {
            braced.push_str(word);
        }
    }
    braced.push_str(&blank(&text[end..]));
    braced
}

fn blank(text: &str) -> String {
    text.replace(char::is_whitespace, " ")
}

/// What `and` joins outside of parentheses; the whole where an `or` is among it.
pub(super) fn clauses(text: &str) -> Vec<String> {
    let mut clauses = Vec::new();
    let (mut depth, mut begin) = (0i32, 0);
    for word in WORD.find_iter(text) {
        match word.as_str() {
            "(" => depth += 1,
            ")" => depth -= 1,
            "or" if depth == 0 => return vec![text.trim().to_owned()],
            "and" if depth == 0 => {
                clauses.push(text[begin..word.start()].trim().to_owned());
                begin = word.end();
            }
            _ => {}
        }
    }
    clauses.push(text[begin..].trim().to_owned());
    // The parser also takes and(a, b), which has nothing before it.
    if clauses.iter().any(String::is_empty) { vec![text.trim().to_owned()] } else { clauses }
}
