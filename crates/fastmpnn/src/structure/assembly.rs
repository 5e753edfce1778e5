//! Biological assemblies: copies of a file's chains under the rotations and translations that the file lists.
//!
//! PDB files list them in REMARK 350, by author chain id; mmCIF files in `_pdbx_struct_assembly_gen` and
//! `_pdbx_struct_oper_list`, by label id. The PDB's own assembly files in PDB format (`1abc.pdb1`) hold the copies as
//! models.
//!
//! The first copy of a chain keeps its id, and later ones are numbered as in the PDB's assembly files in mmCIF: `A`,
//! `A-2`, `A-3`. Copies that would coincide are made once: an operator that is listed twice, and ligands on a symmetry
//! axis.
//!
//! Source: wwPDB, "Protein Data Bank Contents Guide", version 3.30, REMARK 350; the dictionary `mmcif_pdbx_v50`, items
//! `_pdbx_struct_assembly_gen.oper_expression` and `_pdbx_struct_oper_list.matrix[1][1]`.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::assembly_records::Generator;
use super::operator::Operator;
use super::polymer::distance;
use super::{LigandAtom, Point, ResidueId, Structure, Warning};
use crate::error::StructureError;

/// The value of [`ReadOptions::assembly`](super::ReadOptions::assembly) that stands for all models of a file together.
pub(super) const MODELS: &str = "models";

/// Atoms of two copies of a ligand within this distance, Å, are the same atom.
const SAME_ATOM: f32 = 0.5;

/// A copy whose CA atoms are within this distance, Å, of the original's coincides with it.
const SAME_PLACE: f32 = 3.0;

/// The distinct operators of an assembly, each with the ids of the chains that it applies to.
pub(super) fn operators(generators: &[Generator]) -> Vec<(Operator, Vec<&str>)> {
    let mut found: Vec<(Operator, Vec<&str>)> = Vec::new();
    for generator in generators {
        for operator in &generator.operators {
            let place = found.iter().position(|(known, _)| known.is_same(operator)).unwrap_or_else(|| {
                found.push((*operator, Vec::new()));
                found.len() - 1
            });
            for chain in &generator.chains {
                if !found[place].1.contains(&chain.as_str()) {
                    found[place].1.push(chain);
                }
            }
        }
    }
    found
}

/// An assembly under construction.
#[derive(Default)]
pub(super) struct Builder {
    structure: Option<Structure>,
    /// The number of copies of each chain so far.
    copies: HashMap<Arc<str>, usize>,
    /// Chain ids that are in use, including all those in the file.
    taken: HashSet<Arc<str>>,
    /// The atom positions (Å) of each copy of each ligand.
    ligands: HashMap<(ResidueId, String), Vec<Vec<Point>>>,
    /// Ligands whose copies coincide.
    coincident: Vec<String>,
    warned: HashSet<String>,
}

impl Builder {
    /// A builder for a file with the given chains.
    pub(super) fn new(chains: impl Iterator<Item = String>) -> Builder {
        Builder { taken: chains.map(Arc::from).collect(), ..Builder::default() }
    }

    /// Adds a copy of a structure, transformed by `operator` if there is one.
    pub(super) fn add(&mut self, original: &Structure, operator: Option<&Operator>) {
        let mut copy = original.clone();
        if let Some(operator) = operator {
            let atoms = copy.residues.iter_mut().flat_map(|residue| &mut residue.atoms);
            atoms.for_each(|atom| atom.position = operator.moved(atom.position));
            copy.ligand_atoms.iter_mut().for_each(|ligand| ligand.atom.position = operator.moved(ligand.atom.position));
        }
        self.drop_coincident(&mut copy.ligand_atoms);
        self.rename(&mut copy);
        copy.warnings.retain(|warning| self.warned.insert(warning.to_string()));
        let Some(whole) = &mut self.structure else {
            self.structure = Some(copy);
            return;
        };
        let (chains, residues) = (whole.chains.len(), whole.residues.len());
        for mut chain in copy.chains {
            chain.residues = chain.residues.start + residues..chain.residues.end + residues;
            whole.chains.push(chain);
        }
        for mut residue in copy.residues {
            residue.chain += chains;
            whole.residues.push(residue);
        }
        whole.ligand_atoms.append(&mut copy.ligand_atoms);
        whole.warnings.append(&mut copy.warnings);
    }

    /// The finished assembly; `None` if nothing was added.
    pub(super) fn finish(self) -> Option<Structure> {
        let mut structure = self.structure?;
        if !self.coincident.is_empty() {
            let message = format!("{}: lies on an axis of symmetry, kept once", self.coincident.join(", "));
            structure.warnings.push(Warning { line: None, residue: None, message });
        }
        Some(structure)
    }

    /// Drops ligands whose atoms all coincide with those of an earlier copy.
    fn drop_coincident(&mut self, atoms: &mut Vec<LigandAtom>) {
        let mut kept = Vec::with_capacity(atoms.len());
        let same_group = |a: &LigandAtom, b: &LigandAtom| a.residue == b.residue && a.residue_name == b.residue_name;
        for group in atoms.chunk_by(same_group) {
            let places: Vec<Point> = group.iter().map(|ligand| ligand.atom.position).collect();
            let (id, name) = (&group[0].residue, &group[0].residue_name);
            let earlier = self.ligands.entry((id.clone(), name.clone())).or_default();
            let on = |other: &Vec<Point>| {
                places.iter().all(|&place| other.iter().any(|&other| distance(place, other) < SAME_ATOM))
            };
            if earlier.iter().any(on) {
                let named = format!("{name} {id}");
                if !self.coincident.contains(&named) {
                    self.coincident.push(named);
                }
                continue;
            }
            earlier.push(places);
            kept.extend_from_slice(group);
        }
        *atoms = kept;
    }

    /// Numbers the chains of a copy.
    fn rename(&mut self, copy: &mut Structure) {
        let mut names: HashMap<Arc<str>, Arc<str>> = HashMap::new();
        let mut name = |id: &Arc<str>| -> Arc<str> {
            if let Some(name) = names.get(id) {
                return name.clone();
            }
            let count = self.copies.entry(id.clone()).or_default();
            *count += 1;
            let mut name = id.clone();
            if *count > 1 {
                name = Arc::from(format!("{id}-{count}"));
                while !self.taken.insert(name.clone()) {
                    *count += 1;
                    name = Arc::from(format!("{id}-{count}"));
                }
            }
            names.insert(id.clone(), name.clone());
            name
        };
        for chain in &mut copy.chains {
            let id = name(&chain.id);
            if let (Some(label), Some(copy)) = (&mut chain.label_id, id.strip_prefix(&*chain.id)) {
                label.push_str(copy);
            }
            chain.id = id;
        }
        for residue in &mut copy.residues {
            residue.id.chain = copy.chains[residue.chain].id.clone();
        }
        for ligand in &mut copy.ligand_atoms {
            ligand.residue.chain = name(&ligand.residue.chain);
        }
    }
}

/// Joins the models of a file into an assembly, one copy per model.
pub(super) fn join_models(file: &str, models: Vec<Structure>) -> Result<Option<Structure>, StructureError> {
    for (index, copy) in models.iter().enumerate() {
        if let Some(original) = models[..index].iter().find(|original| is_in_place_of(copy, original)) {
            return Err(StructureError::NoAssembly {
                file: file.to_owned(),
                reason: format!(
                    "its models {} and {} lie on each other, as those of an ensemble do and copies of an assembly do not; \
                     `design --states` takes models as states",
                    original.model_number, copy.model_number
                ),
            });
        }
    }
    let chains: HashSet<String> =
        models.iter().flat_map(|model| &model.chains).map(|chain| chain.id.to_string()).collect();
    let mut builder = Builder::new(chains.into_iter());
    models.iter().for_each(|model| builder.add(model, None));
    Ok(builder.finish().map(|whole| Structure { model_number: 1, model_count: 1, ..whole }))
}

/// Whether most residues of a model coincide with those of another model.
fn is_in_place_of(copy: &Structure, original: &Structure) -> bool {
    let places: HashMap<&ResidueId, Point> =
        original.residues.iter().filter_map(|residue| Some((&residue.id, residue.atom("CA")?.position))).collect();
    let pairs =
        copy.residues.iter().filter_map(|residue| Some((residue.atom("CA")?.position, *places.get(&residue.id)?)));
    let (near, all) =
        pairs.fold((0, 0), |(near, all), (a, b)| (near + u32::from(distance(a, b) < SAME_PLACE), all + 1));
    2 * near > all
}

/// The number of the assembly in a PDB assembly file, taken from its name: `1` for `1abc.pdb1.gz`.
pub(super) fn assembly_of_name(file_name: &str) -> Option<&str> {
    let plain = file_name.strip_suffix(".gz").or(file_name.strip_suffix(".GZ")).unwrap_or(file_name);
    let (start, ending) = plain.rsplit_once('.')?;
    let number = ending.get(..3).filter(|word| word.eq_ignore_ascii_case("pdb")).map(|_| &ending[3..])?;
    let numbered = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    (numbered && !start.is_empty()).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_assemblies_are_known_by_their_names() {
        for (name, number) in [("1abc.pdb1", Some("1")), ("dir/x.PDB12.gz", Some("12"))] {
            assert_eq!(assembly_of_name(name), number, "{name}");
        }
        for name in ["1abc.pdb", "pdb1", ".pdb1", "x.pdbqt", "x.pdb1a", "x.cif1"] {
            assert_eq!(assembly_of_name(name), None, "{name}");
        }
    }

    #[test]
    fn operators_follow_each_other() {
        let turn = Operator { rotation: [[0.0, -1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]], shift: [10.0, 0.0, 0.0] };
        let shift = Operator { rotation: [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]], shift: [0.0, 5.0, 1.0] };
        let point = [1.0, 2.0, 3.0];
        assert_eq!(turn.after(&shift).moved(point), turn.moved(shift.moved(point)));
        assert_eq!(shift.after(&turn).moved(point), [8.0, 6.0, 4.0]);
        assert!(turn.is_same(&turn) && !turn.is_same(&shift));
    }
}
