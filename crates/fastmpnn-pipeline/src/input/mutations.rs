//! Mutations as text: `A23V`, `A24I+A30L`, lists of these, and files of such lists.

use std::path::Path;

use fastmpnn::chemistry::Letter;
use fastmpnn::structure::{Residue, Structure};

use super::Sources;
use crate::error::{PipelineError, refusal, unreadable, unusable};
use crate::message::Field;

/// A mutant as it was written: mutations joined by `+`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct MutantText {
    text: String,
    /// The file and line that it stands in: `mutants.txt, line 3`.
    place: Option<String>,
}

/// A residue and its new letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Substitution {
    /// Index into [`Structure::residues`].
    pub(crate) residue: usize,
    pub(crate) letter: Letter,
}

/// The mutants of lists, and of the files `@FILE`: one or more a line, separated by commas or spaces, `#` before comments.
pub(crate) fn mutant_texts(lists: &[String], sources: &Sources) -> Result<Vec<MutantText>, PipelineError> {
    let mut mutants = Vec::new();
    for list in lists {
        match list.strip_prefix('@') {
            None => mutants.extend(split(list).map(|text| MutantText { text, place: None })),
            Some(name) => {
                let bytes = sources
                    .read(Path::new(name))
                    .map_err(|error| unreadable(format!("{name}: the file of mutations cannot be read"), error))?;
                let text = String::from_utf8(bytes)
                    .map_err(|error| unusable(format!("{name}: the file of mutations is not UTF-8 text: {error}")))?;
                for (line, text) in text.trim_start_matches('\u{feff}').lines().enumerate() {
                    let text = text.split('#').next().unwrap_or_default();
                    let place = Some(format!("{name}, line {}", line + 1));
                    mutants.extend(split(text).map(|text| MutantText { text, place: place.clone() }));
                }
            }
        }
    }
    if mutants.is_empty() && !lists.is_empty() {
        return Err(refusal(format!("{}: there is none in {}", Field("mutations"), lists.join(", "))));
    }
    Ok(mutants)
}

fn split(list: &str) -> impl Iterator<Item = String> + '_ {
    list.split(|c: char| c == ',' || c == ';' || c.is_whitespace()).filter(|item| !item.is_empty()).map(str::to_owned)
}

impl MutantText {
    /// The substitutions on a structure, by residue.
    pub(crate) fn resolve(&self, structure: &Structure) -> Result<Vec<Substitution>, PipelineError> {
        let mut substitutions: Vec<Substitution> = Vec::new();
        for text in self.text.split('+') {
            let found = substitution(text, structure).map_err(|reason| self.refused(reason))?;
            if substitutions.iter().any(|other| other.residue == found.residue) {
                let id = &structure.residues[found.residue].id;
                return Err(self.refused(format!("residue {id} is mutated twice")));
            }
            substitutions.push(found);
        }
        substitutions.sort_unstable_by_key(|substitution| substitution.residue);
        Ok(substitutions)
    }

    /// The error of a mutant that a structure does not have.
    pub(crate) fn refused(&self, reason: String) -> PipelineError {
        let place = self.place.as_ref().map_or_else(String::new, |place| format!("{place}: "));
        unusable(format!("{place}{} {}: {reason}", Field("mutations"), self.text.escape_debug()))
    }
}

/// `A23V`: chain, number and insertion code of a residue, and its new letter. A native letter may stand between chain and
/// number where a colon divides them (`A:I23V`), before the chain (`IA23V`), or alone in a protein of one chain (`I23V`).
fn substitution(text: &str, structure: &Structure) -> Result<Substitution, String> {
    const FORM: &str = "a mutation is a residue and its new letter, such as A23V or, with the native letter, A:I23V";
    let end = text.rfind(|c: char| c.is_ascii_digit()).ok_or(FORM)? + 1;
    let mut tail = text[end..].chars();
    let (insertion, new) = match (tail.next(), tail.next(), tail.next()) {
        (Some(new), None, _) => (None, new),
        (Some(insertion), Some(new), None) => (Some(insertion), new),
        _ => return Err(FORM.to_owned()),
    };
    let start = text[..end]
        .rfind(|c: char| !c.is_ascii_digit())
        .map_or(0, |at| at + text[at..].chars().next().map_or(1, char::len_utf8));
    let start = if text[..start].ends_with('-') { start - 1 } else { start };
    let number: i32 = text[start..end].parse().map_err(|_| FORM.to_owned())?;
    let Place { chain, native } = Place::of(&text[..start], structure)?;
    let is = |residue: &Residue| {
        *residue.id.chain == *chain && residue.id.number == number && residue.id.insertion == insertion
    };
    let code = insertion.map(String::from).unwrap_or_default();
    let residue =
        structure.residues.iter().position(is).ok_or_else(|| format!("chain {chain} has no residue {number}{code}"))?;
    let Residue { id, letter: found, .. } = &structure.residues[residue];
    if let Some(native) = native
        && native != *found
    {
        return Err(format!("residue {id} is {found}, not {native}"));
    }
    let letter = amino_acid(new).ok_or_else(|| format!("{} is none of the twenty amino acids", new.escape_debug()))?;
    if letter == *found {
        return Err(format!("residue {id} is {found} already"));
    }
    Ok(Substitution { residue, letter })
}

/// What stands before the number of a mutation.
struct Place {
    chain: String,
    native: Option<Letter>,
}

impl Place {
    fn of(text: &str, structure: &Structure) -> Result<Place, String> {
        let has = |id: &str| structure.chains.iter().any(|chain| *chain.id == *id);
        let only = || match &structure.chains[..] {
            [chain] => Some(chain.id.to_string()),
            _ => None,
        };
        let mut characters = text.chars();
        let first = characters.next().and_then(amino_acid);
        if let Some((chain, native)) = text.rsplit_once(':') {
            let mut letters = native.chars();
            let native = match (letters.next(), letters.next()) {
                (None, _) => None,
                (Some(letter), None) => {
                    Some(amino_acid(letter).ok_or_else(|| format!("{native} is none of the twenty amino acids"))?)
                }
                _ => return Err(format!("{native} is not one native letter")),
            };
            let missing = || format!("there is no chain {chain}");
            return if has(chain) { Ok(Place { chain: chain.to_owned(), native }) } else { Err(missing()) };
        }
        if has(text) {
            return Ok(Place { chain: text.to_owned(), native: None });
        }
        let rest = characters.as_str();
        match (first, only()) {
            (Some(native), Some(chain)) if rest.is_empty() => Ok(Place { chain, native: Some(native) }),
            (Some(native), _) if has(rest) => Ok(Place { chain: rest.to_owned(), native: Some(native) }),
            (None, Some(chain)) if text.is_empty() => Ok(Place { chain, native: None }),
            _ if text.is_empty() => Err("the chain is missing, and there are several".to_owned()),
            _ => Err(format!("there is no chain {}", text.escape_debug())),
        }
    }
}

fn amino_acid(letter: char) -> Option<Letter> {
    Letter::all().find(|one| one.to_char() == letter && *one != Letter::X)
}
