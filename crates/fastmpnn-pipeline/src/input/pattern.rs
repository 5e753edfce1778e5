//! Patterns such as `models/*_[0-9].pdb`, as a shell takes them: `*`, `?` and `[…]` within a name, `**` for folders of
//! any depth. Names are compared as text in which bytes that are not UTF-8 are replacement characters, so that no name
//! in a folder can stop the search.

use std::fs;
use std::path::{Path, PathBuf};

use crate::error::{InFile, PipelineError, unreadable, unusable};

type Result<T> = std::result::Result<T, PipelineError>;

/// One character of a name, or several.
#[derive(Debug, PartialEq)]
enum Piece {
    Character(char),
    /// `?`
    Any,
    /// `*`
    Several,
    /// `[a-z]`, or `[!a-z]` where `excluded`.
    Class {
        ranges: Vec<(char, char)>,
        excluded: bool,
    },
}

/// Whether a text has characters of a pattern.
pub(super) fn is_pattern(text: &str) -> bool {
    text.contains(['*', '?', '['])
}

/// Those of some names that fit a pattern without separators.
pub(super) fn names_that_fit<'n>(pattern: &str, names: &[&'n str]) -> Result<Vec<&'n str>> {
    let pieces = parse(pattern).in_file(&format!("{pattern}: not a pattern"))?;
    Ok(names.iter().copied().filter(|name| fits(&pieces, name, pattern.starts_with('.'))).collect())
}

/// The files that fit, sorted by path.
pub(super) fn matching(text: &str) -> Result<Vec<PathBuf>> {
    let absolute = text.starts_with(std::path::is_separator);
    let mut found = vec![PathBuf::from(if absolute { "/" } else { "" })];
    for part in text.split(std::path::is_separator).filter(|part| !part.is_empty()) {
        found = if part == "**" {
            let mut folders = Vec::new();
            for folder in &found {
                add_folders(folder, &mut folders)?;
            }
            folders
        } else if is_pattern(part) {
            let pieces = parse(part).in_file(&format!("{text}: not a pattern"))?;
            let mut fitting = Vec::new();
            for folder in &found {
                let entries = entries(folder)?;
                fitting.extend(entries.into_iter().filter(|path| fits(&pieces, &name(path), part.starts_with('.'))));
            }
            fitting
        } else {
            found.iter().map(|path| path.join(part)).filter(|path| path.exists()).collect()
        };
    }
    found.retain(|path| path.is_file());
    found.sort();
    found.dedup();
    Ok(found)
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// What a folder holds; nothing where the path is not a folder.
fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let here = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    if !here.is_dir() {
        return Ok(Vec::new());
    }
    let what = format!("{}: the folder cannot be read", here.display());
    let cannot_be_read = |error| unreadable(&what, error);
    let mut found = Vec::new();
    for entry in fs::read_dir(here).map_err(cannot_be_read)? {
        found.push(folder.join(entry.map_err(cannot_be_read)?.file_name()));
    }
    Ok(found)
}

/// The folder and those inside, without hidden ones and links, which may lead back.
fn add_folders(folder: &Path, found: &mut Vec<PathBuf>) -> Result<()> {
    found.push(folder.to_owned());
    for path in entries(folder)? {
        if path.is_dir() && !path.is_symlink() && !name(&path).starts_with('.') {
            add_folders(&path, found)?;
        }
    }
    Ok(())
}

fn parse(text: &str) -> Result<Vec<Piece>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        rest = &rest[first.len_utf8()..];
        pieces.push(match first {
            '?' => Piece::Any,
            '*' => Piece::Several,
            '[' => {
                let (class, after) = class(rest)?;
                rest = after;
                class
            }
            character => Piece::Character(character),
        });
    }
    Ok(pieces)
}

/// What follows a `[`, and what follows its `]`; a `]` that comes first is one of the characters.
fn class(text: &str) -> Result<(Piece, &str)> {
    let excluded = text.starts_with(['!', '^']);
    let inside = &text[usize::from(excluded)..];
    let end = inside.char_indices().skip(1).find(|&(_, character)| character == ']').map(|(at, _)| at);
    let Some(end) = end else { return Err(unusable("a [ has no ]")) };
    let characters: Vec<char> = inside[..end].chars().collect();
    let mut ranges = Vec::new();
    let mut rest = &characters[..];
    while let [first, after @ ..] = rest {
        rest = match after {
            ['-', last, after @ ..] => {
                ranges.push((*first, *last));
                after
            }
            _ => {
                ranges.push((*first, *first));
                after
            }
        };
    }
    Ok((Piece::Class { ranges, excluded }, &inside[end + 1..]))
}

/// Whether a name fits; hidden ones do only where the pattern begins with a point.
fn fits(pieces: &[Piece], name: &str, hidden: bool) -> bool {
    let characters: Vec<char> = name.chars().collect();
    if name.starts_with('.') && !hidden {
        return false;
    }
    // Which places in the pattern can be reached after each character.
    let mut reached = vec![false; pieces.len() + 1];
    reached[0] = true;
    skip_stars(pieces, &mut reached);
    for character in characters {
        let mut next = vec![false; pieces.len() + 1];
        for (place, piece) in pieces.iter().enumerate().filter(|&(place, _)| reached[place]) {
            match piece {
                Piece::Several => next[place] = true,
                piece if piece.takes(character) => next[place + 1] = true,
                _ => {}
            }
        }
        skip_stars(pieces, &mut next);
        reached = next;
    }
    reached[pieces.len()]
}

/// A star may stand for nothing.
fn skip_stars(pieces: &[Piece], reached: &mut [bool]) {
    for (place, piece) in pieces.iter().enumerate() {
        if reached[place] && *piece == Piece::Several {
            reached[place + 1] = true;
        }
    }
}

impl Piece {
    fn takes(&self, character: char) -> bool {
        match self {
            Piece::Character(own) => *own == character,
            Piece::Any | Piece::Several => true,
            Piece::Class { ranges, excluded } => {
                ranges.iter().any(|&(first, last)| (first..=last).contains(&character)) != *excluded
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fit(pattern: &str, name: &str) -> bool {
        fits(&parse(pattern).unwrap(), name, pattern.starts_with('.'))
    }

    #[test]
    fn names_fit_as_in_a_shell() {
        for (pattern, name) in [
            ("*.pdb", "a.pdb"),
            ("*", "a"),
            ("a*b*c", "a--b-bc"),
            ("?.pdb", "é.pdb"),
            ("?.pdb", "\u{fffd}.pdb"),
            ("x[0-9].pdb", "x7.pdb"),
            ("[!a]x", "bx"),
            ("[]]x", "]x"),
            ("[a-]x", "-x"),
            (".*.pdb", ".a.pdb"),
        ] {
            assert!(fit(pattern, name), "{pattern} {name}");
        }
        for (pattern, name) in
            [("*.pdb", "a.pdb.gz"), ("*.pdb", ".a.pdb"), ("?", "ab"), ("x[0-9]", "xa"), ("[!a]x", "ax"), ("a*b", "ac")]
        {
            assert!(!fit(pattern, name), "{pattern} {name}");
        }
        assert!(parse("a[b").is_err());
        assert!(parse("a[]").is_err());
    }
}
