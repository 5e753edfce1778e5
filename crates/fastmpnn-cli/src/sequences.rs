//! Sequences of a structure from a FASTA file.

use std::fs;
use std::io::{self, Read};
use std::path::Path;

use anyhow::{Context, Result, bail};
use fastmpnn::chemistry::{Sequence, parse_sequence};
use fastmpnn::structure::Structure;

use crate::inputs::is_standard_input;

/// A record of a FASTA file, one letter for each residue of the structure it was read for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Record {
    /// The header without `>`; `record 3` where there is none.
    pub(crate) name: String,
    pub(crate) sequence: Sequence,
}

/// Reads the records of a file (`-` for standard input) as sequences of the structure.
pub(crate) fn read_fasta(path: &Path, structure: &Structure) -> Result<Vec<Record>> {
    let shown = if is_standard_input(path) { "standard input".into() } else { path.display().to_string() };
    let bytes = if is_standard_input(path) {
        let mut bytes = Vec::new();
        io::stdin().lock().read_to_end(&mut bytes).map(|_| bytes)
    } else {
        fs::read(path)
    };
    let bytes = bytes.with_context(|| format!("{shown}: cannot be read"))?;
    let text = String::from_utf8_lossy(&bytes);
    parse(&text, structure).with_context(|| shown)
}

fn parse(text: &str, structure: &Structure) -> Result<Vec<Record>> {
    let mut records = Vec::new();
    let mut open: Option<(String, String)> = None;
    for (number, line) in text.lines().enumerate() {
        let line = line.trim();
        if let Some(header) = line.strip_prefix('>') {
            records.extend(open.replace((header.trim().to_owned(), String::new())));
        } else if let Some((_, letters)) = &mut open {
            letters.extend(line.chars().filter(|code| !code.is_whitespace()));
        } else if !line.is_empty() && !line.starts_with(';') {
            bail!("line {}: a FASTA file begins with a header line, >NAME", number + 1);
        }
    }
    records.extend(open);
    if records.is_empty() {
        bail!("holds no FASTA records");
    }
    let named = records.into_iter().enumerate().map(|(index, (header, letters))| {
        let name = if header.is_empty() { format!("record {}", index + 1) } else { header };
        let sequence = sequence_of(&letters, structure).with_context(|| format!("record {} ({name})", index + 1))?;
        Ok(Record { name, sequence })
    });
    named.collect()
}

/// Letters to a sequence; with `/` or `:` in them, chain by chain.
fn sequence_of(text: &str, structure: &Structure) -> Result<Sequence> {
    // An asterisk ends a translated sequence.
    let text = text.strip_suffix('*').unwrap_or(text);
    let (name, expected) = (&structure.name, structure.residues.len());
    let parts: Vec<Sequence> = text.split(['/', ':']).map(letters).collect::<Result<_>>()?;
    if let [whole] = &parts[..] {
        if whole.len() != expected {
            bail!("the sequence has {} letters, and {name} {expected} residues", whole.len());
        }
    } else if parts.len() != structure.chains.len() {
        bail!("the sequence has {} chains, and {name} {}", parts.len(), structure.chains.len());
    }
    if parts.len() > 1 {
        for (part, chain) in parts.iter().zip(&structure.chains) {
            if part.len() != chain.residues.len() {
                let (found, there) = (part.len(), chain.residues.len());
                bail!("chain {} has {found} letters, and {there} residues in {name}", chain.id);
            }
        }
    }
    Ok(parts.concat())
}

fn letters(text: &str) -> Result<Sequence> {
    parse_sequence(text).map_err(|code| {
        let place = text.chars().position(|other| other == code).unwrap_or(0) + 1;
        let code = code.escape_debug();
        anyhow::anyhow!(
            "`{code}` at position {place} is not one of ACDEFGHIKLMNPQRSTVWYX; a sequence has one letter for each residue \
             and no gaps"
        )
    })
}
