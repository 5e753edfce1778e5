//! Residues that a user wants read as ligands although the file makes them protein: amino acids that bind, peptides,
//! whatever is called UNK.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use super::{LigandAtom, Presented, Residue, ResidueId, Structure};

/// `NAME`, `NAME:CHAIN` or `NAME:CHAIN:NUMBER`, the number with its insertion code if it has one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct LigandChoice {
    name: String,
    chain: Option<String>,
    place: Option<(i32, Option<char>)>,
}

impl FromStr for LigandChoice {
    type Err = String;

    fn from_str(text: &str) -> Result<LigandChoice, String> {
        let wrong = || {
            let text: String = text.chars().take(40).flat_map(char::escape_debug).collect();
            format!("{text:?} is no ligand; write NAME, NAME:CHAIN or NAME:CHAIN:NUMBER, as in GLU:A:301")
        };
        let mut parts = text.trim().split(':');
        let name = parts.next().filter(|name| !name.is_empty() && name.len() <= 5).ok_or_else(wrong)?;
        let chain = parts.next().map(|chain| if chain.is_empty() { Err(wrong()) } else { Ok(chain.to_owned()) });
        let place = parts.next().map(|place| parse_place(place).ok_or_else(wrong));
        if parts.next().is_some() || !name.chars().all(|c| c.is_ascii_graphic()) {
            return Err(wrong());
        }
        Ok(LigandChoice { name: name.to_ascii_uppercase(), chain: chain.transpose()?, place: place.transpose()? })
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
        out.write_str(&self.name)?;
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
    fn holds_for(&self, id: &ResidueId, name: &str) -> bool {
        name.eq_ignore_ascii_case(&self.name)
            && self.chain.as_deref().is_none_or(|chain| chain == id.chain.as_ref())
            && self.place.is_none_or(|place| place == (id.number, id.insertion))
    }
}

/// Makes the protein residues of the choices ligands. Residues that are ligands already satisfy a choice; one that nothing
/// satisfies is an error, given as a sentence about the structure.
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

/// Says that nothing is called so, and what comes near.
fn nothing(structure: &Structure, choice: &LigandChoice) -> String {
    let same_name = |name: &str| name.eq_ignore_ascii_case(&choice.name);
    let of_protein = structure.residues.iter().map(|residue| (&residue.id, &residue.name));
    let of_ligands = structure.ligand_atoms.iter().map(|atom| (&atom.residue, &atom.residue_name));
    let named: Vec<&ResidueId> =
        of_protein.clone().chain(of_ligands.clone()).filter(|(_, name)| same_name(name)).map(|(id, _)| id).collect();
    let mut near: Vec<String> = if named.is_empty() {
        of_ligands.map(|(id, name)| format!("{name}:{}:{}", id.chain, number(id))).collect()
    } else {
        named.into_iter().map(|id| format!("{}:{}:{}", choice.name, id.chain, number(id))).collect()
    };
    near.dedup();
    let there = match near.len() {
        0 => "it holds no ligands".to_owned(),
        count => {
            near.truncate(6);
            let dots = if count > near.len() { ", …" } else { "" };
            format!("there is {}{dots}", near.join(", "))
        }
    };
    format!("--ligand {choice}: no such residue; {there}")
}

fn number(id: &ResidueId) -> String {
    format!("{}{}", id.number, id.insertion.map(String::from).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::LigandChoice;

    #[test]
    fn choices_read_back_and_others_are_refused() {
        for text in ["GLU", "GLU:A", "GLU:A:301", "UNK:H:-5", "2PN:AA:100A"] {
            assert_eq!(text.parse::<LigandChoice>().expect("a choice").to_string(), text);
        }
        for text in ["", ":A", "GLU:", "GLU::3", "GLU:A:", "GLU:A:x", "GLU:A:3:4", "GLU:A:3AB", "A B", "é"] {
            let error = text.parse::<LigandChoice>().expect_err("no choice");
            assert!(error.contains("NAME:CHAIN:NUMBER"), "{error}");
        }
    }
}
