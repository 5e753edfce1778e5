//! The wishes of a [`DesignSpec`], one after the other, made a [`DesignPlan`].

use super::by_residue::{check_rows, shared_rows};
use super::cyclic::cyclic_residues;
use super::homo_oligomer::tie_copies;
use super::letters::{AMINO_ACIDS, bit, parse_bias, parse_letters, split_place};
use super::membrane_selection::membrane_classes;
use super::quotation::quoted;
use super::ranges::{ranges, residue_name, short_ranges};
use super::selection::Selector;
use super::ties::{Group, disjoint, parse_tie};
use super::{DesignPlan, DesignSpec, Environment, SpecWords, TiedGroup};
use crate::chemistry::{Letter, VOCABULARY};
use crate::error::SpecError;
use crate::structure::{BackboneAtoms, Residue, Structure};

const CHAINS: &str = "chains";
const PDB_LABELS: &str = "pdb_labels";
const OMIT: &str = "omit";
const OMIT_AT: &str = "omit_at";
const BIAS: &str = "bias";
const BIAS_AT: &str = "bias_at";

impl DesignSpec {
    /// Checks the wishes against a structure and resolves them to residue indexes.
    pub fn resolve(&self, structure: &Structure) -> Result<DesignPlan, SpecError> {
        resolve(self, structure)
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
    let shown = |index: usize| !roles.designed[index] && !resolver.masked[index];
    let side_chains_of = if spec.side_chain_context { (0..count).map(shown).collect() } else { Vec::new() };
    Ok(DesignPlan {
        designed: roles.designed,
        ties,
        bias,
        omitted,
        order: spec.order,
        temperature,
        seed: spec.seed,
        pair_bias: spec.by_residue.pair_bias.clone(),
        pssm: spec.by_residue.pssm.clone(),
        environment: Environment { ligands: !spec.no_ligand, side_chains_of, membrane, cyclic },
        warnings: resolver.warnings,
    })
}

/// A letter with two biases, of which one would be lost.
fn two_biases(field: &'static str, text: &str, letter: Letter, place: &str, [before, value]: [f32; 2]) -> SpecError {
    let reason = format!("{letter} has two biases{place}, {before} and {value}; give it one");
    SpecError::Malformed { field, item: quoted(text), reason }
}

/// Which residues are designed, and which of them have no choice.
struct Roles {
    designed: Vec<bool>,
    /// Designed residues that carry the letter of a fixed partner.
    forced: Vec<(usize, Letter)>,
}

struct Resolver<'a> {
    structure: &'a Structure,
    selector: Selector<'a>,
    groups: Vec<Group>,
    group_of: Vec<Option<usize>>,
    masked: Vec<bool>,
    /// `omit_at` and `bias_at` as written, with the residues they name.
    places: Vec<(String, Vec<usize>)>,
    warnings: Vec<String>,
}

impl Resolver<'_> {
    /// A selection as ascending indexes; its warnings are kept.
    fn select(&mut self, field: &'static str, text: &str) -> Result<Vec<usize>, SpecError> {
        let mut selection = self.selector.select(field, text)?;
        selection.indexes.sort_unstable();
        self.warnings.append(&mut selection.warnings);
        Ok(selection.indexes)
    }

    /// All selections of an option together, as a field for every residue.
    fn marks(&mut self, field: &'static str, texts: &[String]) -> Result<Vec<bool>, SpecError> {
        let mut marks = vec![false; self.structure.residues.len()];
        for text in texts {
            for index in self.select(field, text)? {
                marks[index] = true;
            }
        }
        Ok(marks)
    }

    /// The residues with all their tied partners, ascending; the second list are the partners that came in by that.
    fn with_partners(&self, indexes: &[usize]) -> (Vec<usize>, Vec<usize>) {
        let mut marks = vec![false; self.structure.residues.len()];
        for &index in indexes {
            marks[index] = true;
        }
        let mut added = Vec::new();
        for &index in indexes {
            let group = self.group_of[index].map(|rank| self.groups[rank].members.as_slice());
            for &partner in group.unwrap_or_default() {
                if !std::mem::replace(&mut marks[partner], true) {
                    added.push(partner);
                }
            }
        }
        added.sort_unstable();
        (marked(&marks), added)
    }

    /// As [`Resolver::with_partners`], with a warning.
    fn extended(&mut self, field: &str, item: &str, indexes: &[usize]) -> Vec<usize> {
        let (all, added) = self.with_partners(indexes);
        if !added.is_empty() {
            let (added, item) = (self.ranges(&added), quoted(item));
            self.warnings.push(format!("`{field}` {item} holds for the tied {added} as well"));
        }
        all
    }

    fn ranges(&self, indexes: &[usize]) -> String {
        short_ranges(indexes, self.structure)
    }

    fn name(&self, index: usize) -> String {
        residue_name(&self.structure.residues[index].id, self.structure)
    }

    fn letter(&self, index: usize) -> Letter {
        self.structure.residues[index].letter
    }

    /// The tied groups by their members.
    fn group_members(&self) -> Vec<&[usize]> {
        self.groups.iter().map(|group| &group.members[..]).collect()
    }

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
            let (selection, letters) = split_place(OMIT_AT, text, "A1-5:CM")?;
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
            let (selection, letters) = split_place(BIAS_AT, text, "A1-5:W=2.0")?;
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

    fn roles(&mut self, spec: &DesignSpec, in_chains: &[bool]) -> Result<Roles, SpecError> {
        let mut fixed = self.marks(spec.words.fix, &spec.fix)?;
        if let Some(set) = &spec.by_residue.fix {
            let more = set.marks(spec.words.fix, self.structure)?;
            fixed.iter_mut().zip(more).for_each(|(fixed, more)| *fixed |= more);
        }
        if spec.pdb_labels {
            self.fix_labeled(&mut fixed)?;
        }
        let mut named = self.marks(spec.words.redesign, &spec.redesign)?;
        if let Some(set) = &spec.by_residue.redesign {
            let more = set.marks(spec.words.redesign, self.structure)?;
            named.iter_mut().zip(more).for_each(|(named, more)| *named |= more);
        }
        let named = marked(&named);
        let redesigned = self.extended(spec.words.redesign, &spec.redesign.join(","), &named);
        self.remark_on_redesign(&spec.words, &named, in_chains);
        let everything = spec.redesign.is_empty() && spec.by_residue.redesign.is_none();
        let mut designed = vec![everything; in_chains.len()];
        for &index in &redesigned {
            designed[index] = true;
        }
        let both: Vec<usize> = redesigned.iter().copied().filter(|&index| fixed[index]).collect();
        if !both.is_empty() {
            let both_ranges = self.ranges(&both);
            let SpecWords { fix, redesign, designed } = spec.words;
            self.warnings.push(format!("`{redesign}` beats `{fix}`: {both_ranges} is {designed}"));
        }
        for index in both {
            fixed[index] = false;
        }
        for (index, designed) in designed.iter_mut().enumerate() {
            *designed &= in_chains[index] && !fixed[index] && !self.masked[index];
        }
        let mut roles = Roles { designed, forced: Vec::new() };
        self.settle_groups(&fixed, &mut roles);
        if roles.designed.contains(&true) {
            return Ok(roles);
        }
        if let Some(chains) = spec.chains.as_ref().filter(|_| !named.is_empty() && !named.iter().any(|&i| in_chains[i]))
        {
            return Err(self.other_chains(&named, chains));
        }
        let masked = self.masked.iter().filter(|&&masked| masked).count();
        let count = self.masked.len();
        Err(SpecError::NothingDesigned {
            structure: self.structure.name.clone(),
            count,
            reason: format!(
                "{} are fixed and {masked} have no {}{}",
                count - masked,
                self.structure.needs.noun(),
                if self.is_trace() { "; CA atoms alone are enough for the CA-only networks" } else { "" }
            ),
        })
    }

    /// Marks the residues that the file labels FIXED.
    fn fix_labeled(&mut self, fixed: &mut [bool]) -> Result<(), SpecError> {
        let structure = self.structure;
        for label in &structure.fixed_labels {
            let id = label.residue.as_ref().map_err(|reason| SpecError::Malformed {
                field: PDB_LABELS,
                item: format!("line {}", label.line),
                reason: reason.clone(),
            })?;
            structure.residues.iter().zip(&mut *fixed).for_each(|(residue, fixed)| *fixed |= residue.id == *id);
        }
        if structure.fixed_labels.is_empty() {
            self.warnings.push(format!("`{PDB_LABELS}`: no residue is labeled FIXED in {}", structure.name));
        }
        Ok(())
    }

    /// The error where everything named for redesign is in chains that are not designed.
    fn other_chains(&self, named: &[usize], chains: &str) -> SpecError {
        let mut of: Vec<&str> = named.iter().map(|&index| self.structure.residues[index].id.chain.as_ref()).collect();
        of.dedup();
        let plural = if of.len() == 1 { "" } else { "s" };
        SpecError::OtherChains {
            structure: self.structure.name.clone(),
            residues: self.ranges(named),
            chains: quoted(chains),
            named: format!("chain{plural} {}", of.join(", ")),
        }
    }

    /// Whether there is nothing but CA atoms, and that is not enough.
    fn is_trace(&self) -> bool {
        let alpha_alone = |residue: &Residue| {
            residue.has(BackboneAtoms::Alpha) && !["N", "C"].iter().any(|name| residue.atom(name).is_some())
        };
        self.structure.needs == BackboneAtoms::All && self.structure.residues.iter().all(alpha_alone)
    }

    fn remark_on_redesign(&mut self, words: &SpecWords, named: &[usize], in_chains: &[bool]) {
        let SpecWords { redesign, designed, .. } = words;
        let outside: Vec<usize> = named.iter().copied().filter(|&i| !in_chains[i]).collect();
        if !outside.is_empty() {
            let outside = self.ranges(&outside);
            self.warnings
                .push(format!("`{redesign}` names {outside}, in chains that `{CHAINS}` leaves fixed: not {designed}"));
        }
        let masked: Vec<usize> = named.iter().copied().filter(|&i| in_chains[i] && self.masked[i]).collect();
        if !masked.is_empty() {
            let (masked, noun) = (self.ranges(&masked), self.structure.needs.long_noun());
            self.warnings.push(format!("`{redesign}` names {masked}, without a {noun}: not {designed}"));
        }
    }

    /// Gives each tied group one letter where a member is fixed, and takes note of masked members.
    fn settle_groups(&mut self, fixed: &[bool], roles: &mut Roles) {
        let (mut kept, mut forced, mut unknown) = (Vec::new(), Vec::new(), Vec::new());
        let (mut disagreeing, mut dropped) = (Vec::new(), Vec::new());
        for group in &self.groups {
            let is_designed = |&&member: &&usize| roles.designed[member];
            let designed: Vec<usize> = group.members.iter().filter(is_designed).copied().collect();
            if designed.is_empty() {
                continue;
            }
            // A masked residue says nothing of its letter unless the user fixed it by name.
            let keeps = |&&member: &&usize| !roles.designed[member] && (!self.masked[member] || fixed[member]);
            let keepers: Vec<usize> = group.members.iter().filter(keeps).copied().collect();
            let is_dropped = |member: &&usize| self.masked[**member] && !fixed[**member];
            dropped.extend(group.members.iter().filter(is_dropped));
            let decides = keepers.iter().find(|&&member| self.letter(member) != Letter::X);
            let Some(&decides) = decides else {
                unknown.extend(keepers);
                continue;
            };
            let letter = self.letter(decides);
            if keepers.iter().any(|&member| self.letter(member) != letter) {
                disagreeing.push(decides);
            }
            for member in designed {
                if self.letter(member) == letter {
                    roles.designed[member] = false;
                    kept.push(member);
                } else {
                    roles.forced.push((member, letter));
                    forced.push(format!("{} takes {letter} of {}", self.name(member), self.name(decides)));
                }
            }
        }
        let mut warn = |mut indexes: Vec<usize>, sentence: &dyn Fn(String) -> String| {
            if !indexes.is_empty() {
                indexes.sort_unstable();
                self.warnings.push(sentence(short_ranges(&indexes, self.structure)));
            }
        };
        warn(kept, &|kept| format!("{kept} is fixed as well, tied to fixed residues of the same letter"));
        warn(disagreeing, &|first| {
            format!(
                "fixed residues of one tied group have different letters; that of {first} decides for the designed members"
            )
        });
        warn(unknown, &|unknown| {
            format!("{unknown} is fixed with an unknown letter (X): the residues tied to it are designed without it")
        });
        let noun = self.structure.needs.long_noun();
        warn(dropped, &|dropped| format!("{dropped} has no {noun}: the residues tied to it are designed without it"));
        if !forced.is_empty() {
            const SHOWN: usize = 6;
            let more = match forced.len().saturating_sub(SHOWN) {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            forced.truncate(SHOWN);
            self.warnings.push(format!(
                "tied residues carry one letter, and where one is fixed its native letter holds: {}{more}",
                forced.join(", ")
            ));
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

fn marked(marks: &[bool]) -> Vec<usize> {
    (0..marks.len()).filter(|&index| marks[index]).collect()
}
