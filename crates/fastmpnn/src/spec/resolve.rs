//! The wishes of a [`DesignSpec`], one after the other, made a [`DesignPlan`].

use super::by_residue::{check_rows, given_order, shared_rows};
use super::constraints::{Choices, check_goals, constraints};
use super::cyclic::cyclic_residues;
use super::homo_oligomer::tie_copies;
use super::letters::{AMINO_ACIDS, bit, parse_bias, parse_letters, split_place};
use super::membrane_selection::membrane_classes;
use super::quotation::quoted;
use super::ranges::ranges;
use super::resolver::Resolver;
use super::roles::{CHAINS, Roles};
use super::selection::Selector;
use super::ties::{disjoint, parse_tie};
use super::{DesignPlan, DesignSpec, Environment, TiedGroup};
use crate::chemistry::{Letter, VOCABULARY};
use crate::error::SpecError;
use crate::structure::Structure;

const OMIT: &str = "omit";
const OMIT_AT: &str = "omit_at";
const BIAS: &str = "bias";
const BIAS_AT: &str = "bias_at";

const OMIT_AT_EXAMPLE: &str = "A1-5:CM";
const BIAS_AT_EXAMPLE: &str = "A1-5:W=2.0";

impl DesignSpec {
    /// Checks the wishes against a structure and resolves them to residue indexes.
    pub fn resolve(&self, structure: &Structure) -> Result<DesignPlan, SpecError> {
        resolve(self, structure)
    }

    /// Checks what `omit`, `omit_at`, `bias`, `bias_at`, `charge`, `count` and `no_motif` say without a structure: all but
    /// their selections.
    pub fn check_letters(&self) -> Result<(), SpecError> {
        parse_letters(OMIT, &self.omit)?;
        for text in &self.omit_at {
            parse_letters(OMIT_AT, split_place(OMIT_AT, text, OMIT_AT_EXAMPLE)?.1)?;
        }
        for text in &self.bias {
            parse_bias(BIAS, text)?;
        }
        for text in &self.bias_at {
            parse_bias(BIAS_AT, split_place(BIAS_AT, text, BIAS_AT_EXAMPLE)?.1)?;
        }
        check_goals(self)
    }
}

fn resolve(spec: &DesignSpec, structure: &Structure) -> Result<DesignPlan, SpecError> {
    let count = structure.residues.len();
    let mut warnings = Vec::new();
    let selector = Selector { structure, files: &spec.files };
    let in_chains = match &spec.chains {
        Some(text) => selector.select_chains(CHAINS, text)?,
        None => vec![true; count],
    };
    let mut ties = Vec::new();
    for text in &spec.tie {
        ties.extend(parse_tie(text, selector, &mut warnings)?);
    }
    let copies = match spec.homo_oligomer {
        true => tie_copies(structure, &in_chains, &mut warnings)?,
        false => Vec::new(),
    };
    let groups = disjoint(ties, copies, structure)?;
    let mut group_of = vec![None; count];
    for (rank, group) in groups.iter().enumerate() {
        for &member in &group.members {
            group_of[member] = Some(rank);
        }
    }
    let masked = (0..count).map(|index| !structure.is_resolved(index)).collect();
    let mut resolver = Resolver { structure, selector, groups, group_of, masked, places: Vec::new(), warnings };

    let membrane = membrane_classes(spec, structure, &mut resolver.warnings)?;
    let cyclic = cyclic_residues(spec, structure, &mut resolver.warnings)?;
    let omitted = resolver.omitted(spec)?;
    let mut omitted = resolver.with_omitted_table(omitted, &spec.by_residue.omit)?;
    let bias = resolver.bias(spec)?;
    let bias = resolver.with_bias_table(bias, &spec.by_residue.bias)?;
    let temperature = resolver.temperature(spec)?;
    let roles = resolver.roles(spec, &in_chains)?;
    for &(index, letter) in &roles.forced {
        omitted[index] = !bit(letter) & (AMINO_ACIDS | bit(Letter::X));
    }
    resolver.check_letters(&roles, &omitted)?;
    resolver.remark_on_places(&roles.designed);
    let ties = resolver.tied_groups(&roles.designed)?;
    let choices = Choices {
        designed: &roles.designed,
        omitted: &omitted,
        ties: ties.iter().map(|tie| &tie.members[..]).collect(),
        cyclic: &cyclic,
    };
    let constraints = constraints(spec, structure, &choices, &mut resolver.warnings)?;
    let shown = |index: usize| !roles.designed[index] && !resolver.masked[index];
    let side_chains_of = if spec.side_chain_context { (0..count).map(shown).collect() } else { Vec::new() };
    Ok(DesignPlan {
        designed: roles.designed,
        ties,
        bias,
        omitted,
        order: spec.order,
        given_order: given_order(&spec.by_residue.order, structure)?,
        temperature,
        seed: spec.seed,
        pair_bias: spec.by_residue.pair_bias.clone(),
        pssm: spec.by_residue.pssm.clone(),
        constraints,
        environment: Environment { ligands: !spec.no_ligand, side_chains_of, membrane, cyclic },
        warnings: resolver.warnings,
    })
}

/// A letter with two biases, of which one would be lost.
fn two_biases(field: &'static str, text: &str, letter: Letter, place: &str, [before, value]: [f32; 2]) -> SpecError {
    let reason = format!("{letter} has two biases{place}, {before} and {value}; give it one");
    SpecError::Malformed { field, item: quoted(text), reason }
}

impl Resolver<'_> {
    /// Letters not drawn, with those of a table; what is omitted of one member is of all. `[N]`
    fn with_omitted_table(&self, mut omitted: Vec<u32>, table: &[[bool; VOCABULARY]]) -> Result<Vec<u32>, SpecError> {
        if table.is_empty() {
            return Ok(omitted);
        }
        check_rows("omit", table.len(), self.structure)?;
        let mut sets: Vec<u32> = table
            .iter()
            .map(|row| Letter::all().filter(|letter| row[letter.index()]).fold(0, |set, letter| set | bit(letter)))
            .collect();
        for members in self.group_members() {
            let all = members.iter().fold(0, |all, &member| all | sets[member]);
            members.iter().for_each(|&member| sets[member] = all);
        }
        omitted.iter_mut().zip(sets).for_each(|(omitted, set)| *omitted |= set);
        Ok(omitted)
    }

    /// Biases with those of a table. `[N, 21]`
    fn with_bias_table(
        &self,
        mut bias: Vec<[f32; VOCABULARY]>,
        table: &[[f32; VOCABULARY]],
    ) -> Result<Vec<[f32; VOCABULARY]>, SpecError> {
        if table.is_empty() {
            return Ok(bias);
        }
        let is_wish = |row: &[f32; VOCABULARY]| *row != [0.0; VOCABULARY];
        let shared = shared_rows("bias", table, &self.group_members(), self.structure, is_wish)?;
        if let Some(index) = shared.iter().position(|row| row.iter().any(|value| !value.is_finite())) {
            return Err(SpecError::NotFinite { field: "bias", residue: self.name(index) });
        }
        for (row, more) in bias.iter_mut().zip(&shared) {
            row.iter_mut().zip(more).for_each(|(value, more)| *value += more);
        }
        Ok(bias)
    }

    /// Temperatures of residues that have one of their own; empty where none has. `[N]`
    fn temperature(&self, spec: &DesignSpec) -> Result<Vec<Option<f32>>, SpecError> {
        let table = &spec.by_residue.temperature;
        let mut temperature = match (table.is_empty(), spec.temperature) {
            (true, None) => return Ok(Vec::new()),
            (true, Some(_)) => vec![None; self.structure.residues.len()],
            (false, _) => shared_rows("temperature", table, &self.group_members(), self.structure, Option::is_some)?,
        };
        temperature.iter_mut().for_each(|own| *own = own.or(spec.temperature));
        let wrong = |own: &Option<f32>| own.is_some_and(|own| !own.is_finite() || own < 0.0);
        match temperature.iter().position(wrong) {
            Some(index) => Err(SpecError::NotFinite { field: "temperature", residue: self.name(index) }),
            None => Ok(temperature),
        }
    }

    /// Letters not drawn `[N]`.
    fn omitted(&mut self, spec: &DesignSpec) -> Result<Vec<u32>, SpecError> {
        let everywhere = parse_letters(OMIT, &spec.omit)? | bit(Letter::X);
        let mut omitted = vec![everywhere; self.structure.residues.len()];
        for text in &spec.omit_at {
            let (selection, letters) = split_place(OMIT_AT, text, OMIT_AT_EXAMPLE)?;
            let letters = parse_letters(OMIT_AT, letters)?;
            let indexes = self.select(OMIT_AT, selection)?;
            self.places.push((format!("`{OMIT_AT}` {}", quoted(text)), indexes.clone()));
            for index in self.extended(OMIT_AT, text, &indexes) {
                omitted[index] |= letters;
            }
        }
        Ok(omitted)
    }

    /// Biases `[N, 21]`.
    fn bias(&mut self, spec: &DesignSpec) -> Result<Vec<[f32; VOCABULARY]>, SpecError> {
        let mut everywhere = [None; VOCABULARY];
        for text in &spec.bias {
            for (letter, value) in parse_bias(BIAS, text)? {
                self.useless_bias(BIAS, text, letter);
                if let Some(before) = everywhere[letter.index()].replace(value).filter(|before| *before != value) {
                    return Err(two_biases(BIAS, text, letter, "", [before, value]));
                }
            }
        }
        let mut local = vec![[None; VOCABULARY]; self.structure.residues.len()];
        for text in &spec.bias_at {
            let (selection, letters) = split_place(BIAS_AT, text, BIAS_AT_EXAMPLE)?;
            let biases = parse_bias(BIAS_AT, letters)?;
            let indexes = self.select(BIAS_AT, selection)?;
            self.places.push((format!("`{BIAS_AT}` {}", quoted(text)), indexes.clone()));
            let indexes = self.extended(BIAS_AT, text, &indexes);
            for (letter, value) in biases {
                self.useless_bias(BIAS_AT, text, letter);
                for &index in &indexes {
                    let before = local[index][letter.index()].replace(value);
                    if let Some(before) = before.filter(|before: &f32| *before != value) {
                        let place = format!(" at {}", self.name(index));
                        return Err(two_biases(BIAS_AT, text, letter, &place, [before, value]));
                    }
                }
            }
        }
        let sum = |row: [Option<f32>; VOCABULARY]| {
            std::array::from_fn(|l| everywhere[l].unwrap_or(0.0) + row[l].unwrap_or(0.0))
        };
        Ok(local.into_iter().map(sum).collect())
    }

    fn useless_bias(&mut self, field: &str, text: &str, letter: Letter) {
        if letter == Letter::X {
            let text = quoted(text);
            self.warnings.push(format!("`{field}` {text}: X is never drawn, so its bias does nothing"));
        }
    }

    fn check_letters(&self, roles: &Roles, omitted: &[u32]) -> Result<(), SpecError> {
        let none_left = |&index: &usize| roles.designed[index] && omitted[index] & AMINO_ACIDS == AMINO_ACIDS;
        match (0..omitted.len()).find(none_left) {
            Some(index) => {
                Err(SpecError::AllOmitted { residue: self.name(index), structure: self.structure.name.clone() })
            }
            None => Ok(()),
        }
    }

    /// Warns of `omit_at` and `bias_at` that touch residues which are not designed.
    fn remark_on_places(&mut self, designed: &[bool]) {
        for (place, mut idle) in std::mem::take(&mut self.places) {
            idle.retain(|&index| !designed[index]);
            if !idle.is_empty() {
                let idle = self.ranges(&idle);
                self.warnings.push(format!("{place} has no effect at {idle}, not designed"));
            }
        }
    }

    /// The groups by their designed members.
    fn tied_groups(&self, designed: &[bool]) -> Result<Vec<TiedGroup>, SpecError> {
        let mut ties = Vec::new();
        for group in &self.groups {
            let pairs = group.members.iter().copied().zip(group.weights.iter().copied());
            let (members, weights): (Vec<usize>, Vec<f32>) = pairs.filter(|(member, _)| designed[*member]).unzip();
            if members.len() < 2 {
                continue;
            }
            if weights.iter().all(|&weight| weight == 0.0) {
                let residues = ranges(&members, self.structure);
                return Err(SpecError::WeightlessTie { residues });
            }
            ties.push(TiedGroup { members, weights });
        }
        Ok(ties)
    }
}
