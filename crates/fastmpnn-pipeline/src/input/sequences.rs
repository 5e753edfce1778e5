//! Sequences of a structure, from the records of a FASTA file.
//!
//! The letters of a record are those of all chains in the order of the file or, where only some chains are designed, of
//! those alone; the other chains then keep their native letters. Chains are separated by `/` or `:`, or run together;
//! an asterisk may end each. Files of the published scripts are read, too: their chains stand in the order of their
//! letters, ProteinMPNN prints designed chains alone, and numbers that a chain skips are X there.

use std::path::Path;

use fastmpnn::chemistry::{Letter, Sequence, parse_sequence};
use fastmpnn::spec::DesignSpec;
use fastmpnn::structure::Structure;

use super::Sources;
use super::fasta::{FastaRecord, display_name, read_records};
use crate::error::{InFile, PipelineError, unusable};

/// A record of a FASTA file, one letter for each residue of the structure it was read for.
#[derive(Debug, PartialEq, Eq)]
pub struct SequenceRecord {
    /// The header without `>`; `record 3` where there is none.
    pub name: String,
    /// One letter per residue. `[N]`
    pub sequence: Sequence,
}

/// Reads the records of a file (`-` for standard input) as sequences of the structure, or of the chains that the
/// specification designs.
pub(crate) fn read_fasta(
    path: &Path,
    sources: &Sources,
    structure: &Structure,
    spec: &DesignSpec,
) -> Result<Vec<SequenceRecord>, PipelineError> {
    let records = read_records(path, sources)?;
    let target = Target::new(structure, spec, &records[0].header);
    let named = records.iter().enumerate().map(|(index, record)| {
        let name = match &*record.header {
            "" => format!("record {}", index + 1),
            header => header.to_owned(),
        };
        match target.sequence_of(record) {
            Ok(sequence) => Ok(SequenceRecord { name, sequence }),
            Err(Misfit { line, reason }) => {
                Err(unusable(format!("line {line}: record {} ({name}): {reason}", index + 1)))
            }
        }
    });
    named.collect::<Result<_, PipelineError>>().in_file(&display_name(path))
}

/// The letters of a chain in a record.
struct Part<'t> {
    /// Where they begin in the record, bytes.
    begin: usize,
    text: &'t str,
}

/// Why a record is no sequence of the structure, and the line that shows it.
struct Misfit {
    line: usize,
    reason: String,
}

/// What sequences are read for.
struct Target<'a> {
    structure: &'a Structure,
    /// Chains that a record may be of, as indexes; the likeliest choice first, and all in the order of the file among them.
    choices: Vec<Vec<usize>>,
}

impl<'a> Target<'a> {
    /// `header` is that of the file's first record.
    fn new(structure: &'a Structure, spec: &DesignSpec, header: &str) -> Target<'a> {
        let all: Vec<usize> = (0..structure.chains.len()).collect();
        let mut choices = Vec::new();
        choices.extend(chains_of_published(header, structure));
        choices.push(all.clone());
        let named = DesignSpec { chains: spec.chains.clone(), files: spec.files.clone(), ..DesignSpec::default() };
        // What cannot be resolved was refused before.
        if let Some(plan) = named.chains.is_some().then(|| named.resolve(structure).ok()).flatten() {
            let designed = |chain: &usize| plan.designed[structure.chains[*chain].residues.clone()].contains(&true);
            choices.push(all.into_iter().filter(designed).collect());
        }
        Target { structure, choices }
    }

    fn sequence_of(&self, record: &FastaRecord) -> Result<Sequence, Misfit> {
        let parts: Vec<Sequence> =
            parts_of(record)?.iter().map(|part| letters(part, record)).collect::<Result<_, _>>()?;
        let fitting = self.choices.iter().find_map(|chains| Some((chains, self.fitted(&parts, chains)?)));
        let Some((chains, fitted)) = fitting else {
            return Err(Misfit { line: record.line, reason: self.complaint(&parts) });
        };
        let mut sequence: Sequence = self.structure.residues.iter().map(|residue| residue.letter).collect();
        for (&chain, letters) in chains.iter().zip(fitted) {
            sequence[self.structure.chains[chain].residues.clone()].copy_from_slice(&letters);
        }
        Ok(sequence)
    }

    /// The letters of each of these chains, where the parts are theirs.
    fn fitted(&self, parts: &[Sequence], chains: &[usize]) -> Option<Vec<Sequence>> {
        if let ([whole], 2..) = (parts, chains.len()) {
            let split = |length: &dyn Fn(usize) -> usize| -> Option<Vec<Sequence>> {
                let mut rest = whole.as_slice();
                let chains = chains.iter().map(|&chain| {
                    let (letters, after) = rest.split_at_checked(length(chain))?;
                    rest = after;
                    self.of_chain(letters, chain)
                });
                chains.collect::<Option<_>>().filter(|_| rest.is_empty())
            };
            return split(&|chain| self.residues(chain)).or_else(|| split(&|chain| self.numbers(chain)));
        }
        if parts.len() != chains.len() {
            return None;
        }
        parts.iter().zip(chains).map(|(letters, &chain)| self.of_chain(letters, chain)).collect()
    }

    /// The letters of a chain: one a residue, or one a number where those that are skipped are X.
    fn of_chain(&self, letters: &[Letter], chain: usize) -> Option<Sequence> {
        if letters.len() == self.residues(chain) {
            return Some(letters.to_vec());
        }
        if letters.len() != self.numbers(chain) {
            return None;
        }
        let residues = &self.structure.residues[self.structure.chains[chain].residues.clone()];
        let mut present = residues.iter().map(|residue| residue.sequence_position as usize).peekable();
        let mut kept = Vec::with_capacity(residues.len());
        for (place, &letter) in letters.iter().enumerate() {
            if present.next_if_eq(&place).is_some() {
                kept.push(letter);
            } else if letter != Letter::X {
                return None;
            }
        }
        (kept.len() == residues.len()).then_some(kept)
    }

    fn residues(&self, chain: usize) -> usize {
        self.structure.chains[chain].residues.len()
    }

    /// The residues of a chain and the numbers that it skips.
    fn numbers(&self, chain: usize) -> usize {
        let residues = &self.structure.residues[self.structure.chains[chain].residues.clone()];
        residues.last().map_or(0, |last| last.sequence_position as usize + 1)
    }

    /// Why no choice of chains fits.
    fn complaint(&self, parts: &[Sequence]) -> String {
        let Structure { name, chains, residues, .. } = self.structure;
        // Of the choices with as many chains as the record the last, which is what the options ask for.
        let same_count = |choice: &&Vec<usize>| choice.len() == parts.len() && parts.len() > 1;
        if let Some(choice) = self.choices.iter().rev().find(same_count) {
            let differs = choice.iter().zip(parts).find(|&(&chain, part)| part.len() != self.residues(chain));
            if let Some((&chain, part)) = differs {
                let (found, there) = (part.len(), self.residues(chain));
                return format!("chain {} has {found} letters, and {there} residues in {name}", chains[chain].id);
            }
        }
        let designed = self.choices.last().filter(|choice| choice.len() < chains.len());
        let designed = designed.map_or_else(String::new, |choice| {
            let list = choice.iter().map(|&chain| format!("{} {}", chains[chain].id, self.residues(chain)));
            format!(" (of the designed chains {})", list.collect::<Vec<_>>().join(", "))
        });
        match parts {
            [whole] => {
                format!("the sequence has {} letters, and {name} {} residues{designed}", whole.len(), residues.len())
            }
            _ => format!("the sequence has {} chains, and {name} {}{designed}", parts.len(), chains.len()),
        }
    }
}

/// The chains of a record and where they begin in it.
fn parts_of(record: &FastaRecord) -> Result<Vec<Part<'_>>, Misfit> {
    let text = record.letters.trim_end_matches(['/', ':', '*']);
    let mut parts = Vec::new();
    let mut begin = 0;
    // An asterisk ends a translated sequence, so it separates chains as well as standing before a separator.
    while let Some(length) = text[begin..].find(['/', ':', '*']) {
        let end = begin + length;
        parts.push(Part { begin, text: &text[begin..end] });
        let after_stops = &text[end..].trim_start_matches('*');
        let separators = usize::from(after_stops.starts_with(['/', ':']));
        begin = text.len() - after_stops.len() + separators;
    }
    parts.push(Part { begin, text: &text[begin..] });
    if let Some(empty) = parts.iter().position(|part| part.text.is_empty()) {
        let reason = match parts.len() {
            1 => "has no letters".to_owned(),
            _ => format!("chain number {} has no letters", empty + 1),
        };
        return Err(Misfit { line: record.line, reason });
    }
    Ok(parts)
}

fn letters(part: &Part<'_>, record: &FastaRecord) -> Result<Sequence, Misfit> {
    let Part { begin, text } = *part;
    parse_sequence(text).map_err(|code| {
        let at = text.find(code).unwrap_or(0);
        let (place, code) = (text[..at].chars().count() + 1, code.escape_debug());
        let reason = format!(
            "`{code}` at position {place} is not one of ACDEFGHIKLMNPQRSTVWYX; a sequence has one letter for each residue \
             and no gaps"
        );
        Misfit { line: record.line_of(begin + at), reason }
    })
}

/// Which chains the published scripts wrote, as the header of their first record tells: ProteinMPNN those that it names,
/// LigandMPNN all by letter.
fn chains_of_published(header: &str, structure: &Structure) -> Option<Vec<usize>> {
    if header.contains(", num_ligand_res=") && header.contains(", model_path=") {
        let mut chains: Vec<usize> = (0..structure.chains.len()).collect();
        chains.sort_by_key(|&chain| &structure.chains[chain].id);
        return Some(chains);
    }
    let (_, list) = header.split_once(", designed_chains=[")?;
    let (list, _) = list.split_once(']')?;
    let names = list.split(',').map(|name| name.trim().trim_matches(['\'', '"']));
    names.map(|name| structure.chains.iter().position(|chain| &*chain.id == name)).collect()
}
