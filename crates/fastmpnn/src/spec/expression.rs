//! Text to terms: the grammar of selections above single items.
//!
//! ```text
//! selection = term { [","] term }
//! term      = factor { "and" factor }
//! factor    = "not" factor | "within" distance "of" target | "interface" target target [ distance ] | target
//! target    = "(" selection ")" | "@" file | "all" | "*" | "ligand" | item
//! item      = chain [ [":"] residues ]
//! residues  = residue [ "-" [ chain [":"] ] residue ]
//! residue   = [ "-" ] digits [ insertion code ]
//! ```
//!
//! Ambiguous text is refused: `not` beside other terms without parentheses, and a term that follows
//! `not`, `and`, `within` or `interface` without a comma.

use std::collections::BTreeMap;

use super::quotation::{FileLine, quoted, written};
use crate::error::{SpecError, in_sentence};
use crate::structure::Structure;

/// The words of the grammar. A chain with such an id is written with a colon.
const WORDS: [&str; 7] = ["all", "and", "interface", "ligand", "not", "of", "within"];

/// The default distance between the heavy atoms of two sides of an interface, Å.
const TOUCHING: f32 = 5.0;

/// The longest distance accepted, Å; a longer one is probably a mistake.
const LONGEST_DISTANCE: f32 = 1000.0;

/// The deepest nesting of terms.
const DEEPEST: usize = 32;

/// Files of selections by the names they are called by after `@`.
pub(super) type Files = BTreeMap<String, String>;

/// A part of a selection.
pub(super) struct Term<'a> {
    /// As written.
    pub(super) text: &'a str,
    /// The line of the file that contains it, if it is not from the command line.
    pub(super) line: Option<FileLine<'a>>,
    pub(super) kind: Kind<'a>,
}

/// The meaning of a part of a selection.
pub(super) enum Kind<'a> {
    Everything,
    Ligand,
    Item,
    /// Written side by side, or in parentheses or a file.
    Union(Vec<Term<'a>>),
    And(Vec<Term<'a>>),
    Not(Box<Term<'a>>),
    Within {
        /// Å
        distance: f32,
        of: Box<Term<'a>>,
    },
    Interface {
        sides: Box<[Term<'a>; 2]>,
        /// Å
        distance: f32,
    },
}

/// Whether a chain of that name has to be written with a colon.
pub(super) fn is_word(text: &str) -> bool {
    WORDS.contains(&text)
}

/// Parses a selection; warnings are added to `warnings`.
pub(super) fn parse<'a>(
    field: &'static str,
    text: &'a str,
    structure: &'a Structure,
    files: &'a Files,
    warnings: &mut Vec<String>,
) -> Result<Vec<Term<'a>>, SpecError> {
    let source = Source { field, structure, files };
    source.terms(text, None, 0, warnings)
}

/// The names of the files that a text calls by `@`, each in all the ways it can be cut out of the text, the longest first:
/// names may hold spaces and commas.
pub(super) fn file_names(text: &str) -> Vec<Vec<&str>> {
    let separates = |c: char| c == ',' || c == '=' || c == '(' || c == ')' || c.is_whitespace();
    let begins = |&(at, _): &(usize, &str)| text[..at].chars().next_back().is_none_or(separates);
    let ends = |rest: &'_ str| -> Vec<usize> {
        let inner = rest.char_indices().filter(|&(_, c)| separates(c)).map(|(at, _)| at);
        inner.chain([rest.len()]).filter(|&end| end > 1).rev().collect()
    };
    let calls = text.match_indices('@').filter(begins).map(|(at, _)| &text[at..]);
    calls.map(|rest| ends(rest).into_iter().map(|end| &rest[1..end]).collect()).collect()
}

/// What the terms are read from and for.
#[derive(Clone, Copy)]
struct Source<'a> {
    field: &'static str,
    structure: &'a Structure,
    files: &'a Files,
}

/// A piece of text: a word, a parenthesis, a file's name with its `@`.
#[derive(Clone, Copy)]
struct Token {
    start: usize,
    end: usize,
    /// Whether a comma stands before it.
    after_comma: bool,
}

impl<'a> Source<'a> {
    fn terms(
        self,
        text: &'a str,
        line: Option<FileLine<'a>>,
        depth: usize,
        warnings: &mut Vec<String>,
    ) -> Result<Vec<Term<'a>>, SpecError> {
        let tokens = self.tokens(text);
        let mut parser = Parser { source: self, text, line, tokens, next: 0, depth, warnings };
        let terms = parser.union()?;
        match parser.peek() {
            None => Ok(terms),
            Some(word) => Err(parser.malformed(word, "a parenthesis is closed that was never opened")),
        }
    }

    fn tokens(&self, text: &str) -> Vec<Token> {
        // Parentheses are characters like others where a chain id holds one.
        let groups = !self.structure.chains.iter().any(|chain| chain.id.contains(['(', ')']));
        let separates = |c: char| c == ',' || c.is_whitespace();
        let is_group = |c: char| groups && (c == '(' || c == ')');
        let mut tokens = Vec::new();
        let (mut at, mut after_comma) = (0, false);
        while let Some(first) = text[at..].chars().next() {
            if separates(first) {
                after_comma |= first == ',';
                at += first.len_utf8();
                continue;
            }
            let rest = &text[at..];
            let length = if is_group(first) {
                1
            } else if let Some(name) = self.file_called(rest) {
                1 + name.len()
            } else {
                rest.find(|c| separates(c) || is_group(c)).unwrap_or(rest.len())
            };
            tokens.push(Token { start: at, end: at + length, after_comma });
            at += length;
            after_comma = false;
        }
        tokens
    }

    /// The longest name of a file that the text begins with, after an `@`.
    fn file_called(&self, text: &str) -> Option<&'a str> {
        let named = text.strip_prefix('@')?;
        let ends = |rest: &str| rest.chars().next().is_none_or(|c| c == ',' || c == ')' || c.is_whitespace());
        let fits = |name: &&String| named.strip_prefix(name.as_str()).is_some_and(ends);
        self.files.keys().filter(fits).max_by_key(|name| name.len()).map(String::as_str)
    }

    fn has_chain(&self, id: &str) -> bool {
        self.structure.chains.iter().any(|chain| chain.id.as_ref() == id)
    }
}

struct Parser<'a, 'w> {
    source: Source<'a>,
    text: &'a str,
    line: Option<FileLine<'a>>,
    tokens: Vec<Token>,
    next: usize,
    depth: usize,
    warnings: &'w mut Vec<String>,
}

impl<'a> Parser<'a, '_> {
    fn peek(&self) -> Option<&'a str> {
        self.tokens.get(self.next).map(|token| &self.text[token.start..token.end])
    }

    fn after_comma(&self) -> bool {
        self.tokens.get(self.next).is_some_and(|token| token.after_comma)
    }

    /// Takes the next token if it is this word.
    fn take(&mut self, word: &str) -> bool {
        let found = self.peek() == Some(word);
        self.next += usize::from(found);
        found
    }

    /// The text from a token up to the last one taken.
    fn since(&self, first: usize) -> &'a str {
        match (self.tokens.get(first), self.next.checked_sub(1).and_then(|last| self.tokens.get(last))) {
            (Some(from), Some(to)) if from.start < to.end => &self.text[from.start..to.end],
            _ => "",
        }
    }

    fn malformed(&self, item: &str, reason: &str) -> SpecError {
        SpecError::Malformed { field: self.source.field, item: written(item, self.line), reason: reason.to_owned() }
    }

    /// As [`Parser::malformed`], for the word that began what was taken.
    fn misused(&self, first: usize, reason: &str) -> SpecError {
        let word = self.tokens.get(first).map_or("", |token| &self.text[token.start..token.end]);
        let as_chain =
            if self.source.has_chain(word) { format!("; chain {word} is written {word}:") } else { String::new() };
        self.malformed(self.since(first), &format!("{reason}{as_chain}"))
    }

    fn union(&mut self) -> Result<Vec<Term<'a>>, SpecError> {
        if self.depth >= DEEPEST {
            return Err(self.malformed(self.text, "nests too deeply"));
        }
        self.depth += 1;
        let mut terms: Vec<Term<'a>> = Vec::new();
        while let Some(word) = self.peek().filter(|&word| word != ")" || !self.groups()) {
            let follows_words = terms.last().is_some_and(|term| term.kind.is_of_words());
            if follows_words && !self.after_comma() {
                let before = terms.last().map_or("", |term| term.text);
                let reason = format!("after {} comes a comma before the next selection", quoted(before));
                return Err(self.malformed(word, &reason));
            }
            let term = self.conjunction()?;
            terms.push(term);
        }
        self.depth -= 1;
        if let Some(term) = terms.iter().find(|term| term.kind.negates()).filter(|_| terms.len() > 1) {
            let reason = "`not` beside other selections can be read in two ways; set it apart with parentheses, as in \
                          not (A1-10,B) or (not A1-10),B, or take residues away as in A and not A1-10";
            return Err(self.malformed(term.text, reason));
        }
        Ok(terms)
    }

    fn groups(&self) -> bool {
        !self.source.structure.chains.iter().any(|chain| chain.id.contains(['(', ')']))
    }

    fn conjunction(&mut self) -> Result<Term<'a>, SpecError> {
        let first = self.next;
        let mut factors = vec![self.factor()?];
        while self.peek() == Some("and") && !self.after_comma() {
            self.next += 1;
            if self.peek().is_none() || self.after_comma() {
                return Err(self.malformed(self.since(first), "after and comes a selection, as in A and not A1-10"));
            }
            factors.push(self.factor()?);
        }
        if factors.len() > 1 {
            return Ok(self.term(first, Kind::And(factors)));
        }
        Ok(factors.swap_remove(0))
    }

    fn term(&self, first: usize, kind: Kind<'a>) -> Term<'a> {
        Term { text: self.since(first), line: self.line, kind }
    }

    fn factor(&mut self) -> Result<Term<'a>, SpecError> {
        let first = self.next;
        let word = self.peek().unwrap_or_default();
        match word {
            "not" => {
                self.begin(word);
                if self.peek().is_none_or(|next| next == ")") || self.after_comma() {
                    return Err(self.misused(first, "after not comes a selection, as in not A1-10 or not (A1-10,B)"));
                }
                if self.depth >= DEEPEST {
                    return Err(self.malformed(self.text, "nests too deeply"));
                }
                self.depth += 1;
                let inner = self.factor()?;
                self.depth -= 1;
                Ok(self.term(first, Kind::Not(Box::new(inner))))
            }
            "within" => {
                self.begin(word);
                let Some(distance) = self.distance() else {
                    self.next += usize::from(self.peek().is_some());
                    let reason = "after within comes a distance in Å above 0 and at most 1000, as in within 8 of L";
                    return Err(self.misused(first, reason));
                };
                if self.after_comma() || !self.take("of") || self.peek().is_none() || self.after_comma() {
                    let reason = "after the distance comes what it is from, as in within 8 of L or within 5 of ligand";
                    return Err(self.misused(first, reason));
                }
                let of = self.target()?;
                Ok(self.term(first, Kind::Within { distance, of: Box::new(of) }))
            }
            "interface" => {
                self.begin(word);
                let side = |parser: &mut Self| match parser.peek() {
                    Some(next) if next != ")" && !parser.after_comma() => parser.target(),
                    _ => {
                        let reason = "an interface has two sides, as in interface A B, interface (H,L) A or, with a \
                                      distance in Å, interface A B 8";
                        Err(parser.misused(first, reason))
                    }
                };
                let sides = Box::new([side(self)?, side(self)?]);
                let given = self.peek().filter(|_| !self.after_comma()).filter(|word| word.parse::<f32>().is_ok());
                let distance = match given {
                    None => TOUCHING,
                    Some(word) if self.source.has_chain(word) => {
                        let reason = format!(
                            "is a distance or a chain here; write {word}.0 for the distance, and a comma before the chain"
                        );
                        return Err(self.malformed(word, &reason));
                    }
                    Some(word) => self.distance().ok_or_else(|| {
                        self.malformed(word, "the distance of an interface is above 0 and at most 1000 Å")
                    })?,
                };
                Ok(self.term(first, Kind::Interface { sides, distance }))
            }
            _ => self.target(),
        }
    }

    fn distance(&mut self) -> Option<f32> {
        let distance = self.peek().filter(|_| !self.after_comma())?.parse().ok()?;
        let fits = distance > 0.0 && distance <= LONGEST_DISTANCE;
        self.next += usize::from(fits);
        fits.then_some(distance)
    }

    /// Takes a word of the grammar, with a warning where a chain has that name.
    fn begin(&mut self, word: &'a str) {
        if self.source.has_chain(word) {
            let field = in_sentence(self.source.field);
            self.warnings
                .push(format!("{field} {}: is a word of selections; chain {word} is written {word}:", quoted(word)));
        }
        self.next += 1;
    }

    fn target(&mut self) -> Result<Term<'a>, SpecError> {
        let first = self.next;
        let word = self.peek().unwrap_or_default();
        match word {
            "*" => {
                self.next += 1;
                Ok(self.term(first, Kind::Everything))
            }
            "all" => {
                self.begin(word);
                Ok(self.term(first, Kind::Everything))
            }
            "ligand" => {
                self.begin(word);
                Ok(self.term(first, Kind::Ligand))
            }
            "(" if self.groups() => {
                self.next += 1;
                let terms = self.union()?;
                if !self.take(")") {
                    return Err(self.malformed(self.since(first), "a parenthesis is not closed"));
                }
                if terms.is_empty() {
                    return Err(self.malformed(self.since(first), "nothing stands between the parentheses"));
                }
                Ok(self.term(first, Kind::Union(terms)))
            }
            ")" if self.groups() => Err(self.malformed(word, "a parenthesis is closed that was never opened")),
            _ if is_word(word) => {
                self.next += 1;
                let reason = format!(
                    "{word} stands where a chain, a residue or a range is expected; put what is more than that in parentheses"
                );
                Err(self.misused(first, &reason))
            }
            _ => self.word(word),
        }
    }

    fn word(&mut self, word: &'a str) -> Result<Term<'a>, SpecError> {
        let first = self.next;
        self.next += 1;
        if let Some((file, text)) = word.strip_prefix('@').and_then(|name| self.source.files.get_key_value(name)) {
            let kind = Kind::Union(self.lines_of(file, text)?);
            return Ok(self.term(first, kind));
        }
        let lower = word.to_lowercase();
        if is_word(&lower) && !self.source.has_chain(word) {
            return Err(self.malformed(word, &format!("the words of selections are in small letters: {lower}")));
        }
        Ok(self.term(first, Kind::Item))
    }

    /// The lines of a file of selections, each as if in parentheses.
    fn lines_of(&mut self, file: &'a str, text: &'a str) -> Result<Vec<Term<'a>>, SpecError> {
        let mut terms = Vec::new();
        for (index, text) in text.split('\n').enumerate() {
            let text = without_comment(text);
            let line = Some(FileLine { file, line: index + 1 });
            if text.starts_with('@') || text.contains([' ', ',', '(']) && !file_names(text).is_empty() {
                let reason = "a file of selections does not call another".to_owned();
                return Err(SpecError::Malformed { field: self.source.field, item: written(text, line), reason });
            }
            let inside = self.source.terms(text, line, self.depth, self.warnings)?;
            if !inside.is_empty() {
                terms.push(Term { text, line, kind: Kind::Union(inside) });
            }
        }
        if terms.is_empty() {
            let item = quoted(&format!("@{file}"));
            let reason = "the file names no residues".to_owned();
            return Err(SpecError::Malformed { field: self.source.field, item, reason });
        }
        Ok(terms)
    }
}

impl Kind<'_> {
    /// Whether it begins or ends in a word and reads on to what follows.
    fn is_of_words(&self) -> bool {
        matches!(self, Kind::And(_) | Kind::Not(_) | Kind::Within { .. } | Kind::Interface { .. })
    }

    /// Whether it takes residues away, outside parentheses.
    fn negates(&self) -> bool {
        match self {
            Kind::Not(_) => true,
            Kind::And(factors) => factors.iter().any(|factor| factor.kind.negates()),
            _ => false,
        }
    }
}

/// The line up to a `#` at its beginning or after a space.
fn without_comment(line: &str) -> &str {
    let begins = |&(at, _): &(usize, &str)| line[..at].chars().next_back().is_none_or(char::is_whitespace);
    let end = line.match_indices('#').find(begins).map_or(line.len(), |(at, _)| at);
    line[..end].trim()
}
