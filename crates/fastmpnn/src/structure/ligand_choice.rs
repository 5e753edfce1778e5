//! Residues that the user wants read as ligands although they would be read as protein: bound amino acids, peptides
//! that are whole chains, residues named UNK.

use std::collections::HashSet;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use super::{LigandAtom, Presented, Residue, ResidueId, Structure};

/// `NAME`, `NAME:CHAIN` or `NAME:CHAIN:NUMBER`, the number with its insertion code if it has one; `:CHAIN` and
/// `:CHAIN:NUMBER` for residues of any name.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct LigandChoice {
    /// The residue name; `None` stands for any name, and then a chain is given.
    name: Option<String>,
    chain: Option<String>,
    place: Option<(i32, Option<char>)>,
}

impl FromStr for LigandChoice {
    type Err = String;

    fn from_str(text: &str) -> Result<LigandChoice, String> {
        let wrong = || {
            let text: String = text.chars().take(40).flat_map(char::escape_debug).collect();
            format!(
                "{text:?} is not a ligand choice; write NAME, NAME:CHAIN or NAME:CHAIN:NUMBER, as in GLU:A:301, or :CHAIN for a whole \
                 chain"
            )
        };
        let mut parts = text.trim().split(':');
        let name = parts.next().filter(|name| name.len() <= 5).ok_or_else(wrong)?;
        let chain = parts.next().map(|chain| if chain.is_empty() { Err(wrong()) } else { Ok(chain.to_owned()) });
        let place = parts.next().map(|place| parse_place(place).ok_or_else(wrong));
        let nameless = name.is_empty() && chain.is_none();
        if parts.next().is_some() || nameless || !name.chars().all(|c| c.is_ascii_graphic()) {
            return Err(wrong());
        }
        let name = (!name.is_empty()).then(|| name.to_ascii_uppercase());
        Ok(LigandChoice { name, chain: chain.transpose()?, place: place.transpose()? })
    }
}

fn parse_place(text: &str) -> Option<(i32, Option<char>)> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let mut code = text[digits.len()..].chars();
    let insertion = code.next();
    if code.next().is_some() {
        return None;
    }
    Some((digits.parse().ok()?, insertion))
}

impl fmt::Display for LigandChoice {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name.as_deref().unwrap_or_default())?;
        if let Some(chain) = &self.chain {
            write!(out, ":{chain}")?;
        }
        if let Some((number, insertion)) = self.place {
            write!(out, ":{number}{}", insertion.map(String::from).unwrap_or_default())?;
        }
        Ok(())
    }
}

impl LigandChoice {
    pub(crate) fn holds_for(&self, id: &ResidueId, name: &str) -> bool {
        self.name.as_deref().is_none_or(|wanted| name.eq_ignore_ascii_case(wanted))
            && self.chain.as_deref().is_none_or(|chain| chain == id.chain.as_ref())
            && self.place.is_none_or(|place| place == (id.number, id.insertion))
    }
}

/// Turns the chosen protein residues into ligands. A choice may also match residues that are ligands already. A choice
/// that matches nothing is an error, returned as a message about the structure.
pub(super) fn take_ligands(structure: &mut Structure, choices: &[LigandChoice]) -> Result<(), String> {
    for choice in choices {
        let of_protein = structure.residues.iter().any(|residue| choice.holds_for(&residue.id, &residue.name));
        let of_ligand = structure.ligand_atoms.iter().any(|atom| choice.holds_for(&atom.residue, &atom.residue_name));
        if !of_protein && !of_ligand {
            return Err(nothing(structure, choice));
        }
    }
    if choices.is_empty() {
        return Ok(());
    }
    let chosen = |residue: &Residue| choices.iter().any(|choice| choice.holds_for(&residue.id, &residue.name));
    let mut kept = Vec::with_capacity(structure.residues.len());
    let mut chains = Vec::with_capacity(structure.chains.len());
    let mut residues = std::mem::take(&mut structure.residues).into_iter();
    for mut chain in std::mem::take(&mut structure.chains) {
        let begin = kept.len();
        for mut residue in residues.by_ref().take(chain.residues.len()) {
            if chosen(&residue) {
                structure.ligand_atoms.extend(atoms_of(residue, chain.label_id.as_deref()));
            } else {
                residue.chain = chains.len();
                kept.push(residue);
            }
        }
        chain.residues = begin..kept.len();
        if !chain.residues.is_empty() {
            chains.push(chain);
        }
    }
    structure.residues = kept;
    structure.chains = chains;
    Ok(())
}

fn atoms_of(residue: Residue, label_id: Option<&str>) -> impl Iterator<Item = LigandAtom> {
    let Residue { id, name, hetatm, label_number, atoms, .. } = residue;
    let presented = Presented { hetatm, in_polymer: None, label_id: label_id.map(Arc::from), label_number };
    atoms.into_iter().map(move |atom| LigandAtom {
        residue: id.clone(),
        residue_name: name.clone(),
        presented: presented.clone(),
        atom,
    })
}

/// The message that nothing matches a choice, with similar names.
fn nothing(structure: &Structure, choice: &LigandChoice) -> String {
    let of_protein = structure.residues.iter().map(|residue| (&residue.id, residue.name.as_str()));
    let of_ligands = structure.ligand_atoms.iter().map(|atom| (&atom.residue, atom.residue_name.as_str()));
    let everything = of_protein.chain(of_ligands.clone());
    let full = |(id, name): (&ResidueId, &str)| format!("{name}:{}:{}", id.chain, number(id));
    // What shares the name, or without a name the chain.
    let mut near: Vec<String> = everything
        .filter(|(id, name)| match (&choice.name, &choice.chain) {
            (Some(wanted), _) => name.eq_ignore_ascii_case(wanted),
            (None, chain) => chain.as_deref() == Some(id.chain.as_ref()),
        })
        .map(full)
        .collect();
    if near.is_empty() {
        near = of_ligands.map(full).collect();
    }
    near.dedup();
    let mut chains: Vec<&str> = structure.chains.iter().map(|chain| chain.id.as_ref()).collect();
    chains.extend(structure.ligand_atoms.iter().map(|atom| atom.residue.chain.as_ref()));
    let unknown = choice.chain.as_deref().filter(|chain| !chains.contains(chain));
    let label = unknown.and_then(|chain| structure.labels.iter().find(|(label, _)| label == chain));
    let label = label.map_or_else(String::new, |(label, author)| format!(" (label {label} is author chain {author})"));
    if let (None, Some(chain)) = (&choice.name, unknown) {
        let mut seen = HashSet::new();
        chains.retain(|chain| seen.insert(*chain));
        return format!("`ligand` {choice}: no chain {chain}; its chains are {}{label}", chains.join(", "));
    }
    let there = match near.len() {
        0 => "it holds no ligands".to_owned(),
        count => {
            near.truncate(6);
            let dots = if count > near.len() { ", …" } else { "" };
            format!("there is {}{dots}", near.join(", "))
        }
    };
    format!("`ligand` {choice}: no such residue; {there}{label}")
}

fn number(id: &ResidueId) -> String {
    format!("{}{}", id.number, id.insertion.map(String::from).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::LigandChoice;

    #[test]
    fn choices_read_back_and_others_are_refused() {
        for text in ["GLU", "GLU:A", "GLU:A:301", "UNK:H:-5", "2PN:AA:100A", ":C", ":AA:301", ":H:100A"] {
            assert_eq!(text.parse::<LigandChoice>().expect("a choice").to_string(), text);
        }
        for text in
            ["", ":", "::", "::301", ":A:", "GLU:", "GLU::3", "GLU:A:", "GLU:A:x", "GLU:A:3:4", "GLU:A:3AB", "A B", "é"]
        {
            let error = text.parse::<LigandChoice>().expect_err("no choice");
            assert!(error.contains("NAME:CHAIN:NUMBER"), "{error}");
        }
    }
}
