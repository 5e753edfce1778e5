//! The tokens of a CIF file: Hall, Allen & Brown, Acta Cryst. A47 (1991) 655, with the mmCIF dictionary's conventions.

/// A token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// `data_NAME`; the name.
    Data(&'a str),
    /// `loop_`.
    Loop,
    /// `save_…`, `global_` or `stop_`: ends whatever came before and holds nothing of a structure.
    Other,
    /// `_category.item`.
    Tag(&'a str),
    /// A value.
    Value(Value<'a>),
}

/// A value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Value<'a> {
    pub(super) text: &'a str,
    /// Quoted values are text even when they read `.` or `?`.
    pub(super) quoted: bool,
}

impl<'a> Value<'a> {
    /// The text, unless the value is `.` (does not apply) or `?` (unknown).
    pub(super) fn known(self) -> Option<&'a str> {
        let silent = !self.quoted && matches!(self.text, "." | "?");
        (!silent).then_some(self.text)
    }
}

/// A syntax error: line and message.
pub(super) type TokenError = (usize, String);

/// Splits text into tokens, counting lines.
#[derive(Clone)]
pub(super) struct Tokens<'a> {
    text: &'a str,
    at: usize,
    line: usize,
}

impl<'a> Tokens<'a> {
    pub(super) fn new(text: &'a str) -> Tokens<'a> {
        Tokens { text, at: 0, line: 1 }
    }

    /// The next token and the line it begins on; `None` at the end.
    pub(super) fn next_token(&mut self) -> Result<Option<(usize, Token<'a>)>, TokenError> {
        let bytes = self.text.as_bytes();
        loop {
            match bytes.get(self.at) {
                None => return Ok(None),
                Some(b'\n') => {
                    self.line += 1;
                    self.at += 1;
                }
                Some(byte) if byte.is_ascii_whitespace() => self.at += 1,
                Some(b'#') => self.at = self.end_of_line(),
                Some(_) => break,
            }
        }
        let line = self.line;
        let line_start = self.at == 0 || bytes[self.at - 1] == b'\n';
        let token = match bytes[self.at] {
            b';' if line_start => Token::Value(self.text_field()?),
            quote @ (b'\'' | b'"') => Token::Value(self.quoted(quote)?),
            _ => self.bare(),
        };
        Ok(Some((line, token)))
    }

    fn end_of_line(&self) -> usize {
        let rest = &self.text.as_bytes()[self.at..];
        self.at + rest.iter().position(|&byte| byte == b'\n').unwrap_or(rest.len())
    }

    /// From a `;` at the start of a line to the next such one.
    fn text_field(&mut self) -> Result<Value<'a>, TokenError> {
        let begin = self.at + 1;
        let first_line = self.line;
        let Some(length) = self.text[begin..].find("\n;") else {
            return Err((first_line, "the text field that begins here with ; has no end".to_owned()));
        };
        let text = &self.text[begin..begin + length];
        self.line += 1 + text.bytes().filter(|&byte| byte == b'\n').count();
        self.at = begin + length + 2;
        Ok(Value { text: text.trim_end_matches('\r'), quoted: true })
    }

    /// To the same quote followed by white space: a quote inside a word, as in `'5'-end'`, does not close it.
    fn quoted(&mut self, quote: u8) -> Result<Value<'a>, TokenError> {
        let begin = self.at + 1;
        let bytes = &self.text.as_bytes()[begin..];
        let ends = |index: usize| {
            bytes[index] == b'\n' || bytes[index] == quote && bytes.get(index + 1).is_none_or(u8::is_ascii_whitespace)
        };
        let close = (0..bytes.len()).find(|&index| ends(index)).filter(|&index| bytes[index] == quote);
        let Some(length) = close else {
            return Err((self.line, "a quoted value has no closing quote on its line".to_owned()));
        };
        self.at = begin + length + 1;
        Ok(Value { text: &self.text[begin..begin + length], quoted: true })
    }

    fn bare(&mut self) -> Token<'a> {
        let rest = &self.text[self.at..];
        let length = rest.bytes().position(|byte| byte.is_ascii_whitespace()).unwrap_or(rest.len());
        let word = &rest[..length];
        self.at += length;
        let starts_with =
            |keyword: &str| word.get(..keyword.len()).is_some_and(|start| start.eq_ignore_ascii_case(keyword));
        match word.as_bytes()[0] {
            b'_' => Token::Tag(word),
            b'd' | b'D' if starts_with("data_") => Token::Data(&word[5..]),
            b'l' | b'L' if word.eq_ignore_ascii_case("loop_") => Token::Loop,
            b's' | b'S' if starts_with("save_") || word.eq_ignore_ascii_case("stop_") => Token::Other,
            b'g' | b'G' if word.eq_ignore_ascii_case("global_") => Token::Other,
            _ => Token::Value(Value { text: word, quoted: false }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Result<Vec<(usize, Token<'_>)>, TokenError> {
        let mut tokens = Tokens::new(text);
        let mut all = Vec::new();
        while let Some(token) = tokens.next_token()? {
            all.push(token);
        }
        Ok(all)
    }

    fn value(text: &str, quoted: bool) -> Token<'_> {
        Token::Value(Value { text, quoted })
    }

    #[test]
    fn words_quotes_comments_and_text_fields() {
        let text = "# head\r\nDATA_x\r\n_a.b 'O5'-it' # tail\nloop_ _c \"C1'\" . '?'\n;two\nlines\n; a;b\n";
        assert_eq!(
            words(text).unwrap(),
            vec![
                (2, Token::Data("x")),
                (3, Token::Tag("_a.b")),
                (3, value("O5'-it", true)),
                (4, Token::Loop),
                (4, Token::Tag("_c")),
                (4, value("C1'", true)),
                (4, value(".", false)),
                (4, value("?", true)),
                (5, value("two\nlines", true)),
                (7, value("a;b", false)),
            ]
        );
        assert_eq!(Value { text: "?", quoted: true }.known(), Some("?"));
        assert_eq!(Value { text: "?", quoted: false }.known(), None);
    }

    #[test]
    fn what_does_not_end_is_named_by_its_line() {
        assert_eq!(words("data_a\n'open\n").unwrap_err().0, 2);
        assert_eq!(words("data_a\n\n;open\n").unwrap_err().0, 3);
    }
}
