//! The goals of a specification against a structure, refused where no sequence meets them.

use super::super::DesignSpec;
use super::super::quotation::quoted;
use super::super::ranges::short_ranges;
use super::super::selection::Selector;
use super::goals::{Constraints, Motif, Total};
use super::motif::Automaton;
use super::parse::{CHARGE, COUNT, Goal, NO_MOTIF, parse_charge, parse_counts};
use super::problem::{Cell, Parts, Problem, Refusal};
use super::search::Completion;
use crate::chemistry::Letter;
use crate::error::SpecError;
use crate::structure::Structure;

/// The most nodes of the search for a first sequence. A search that ends early has a few for each residue.
const MOST_NODES: u64 = 1_000_000;

/// What of a plan bears on its goals.
pub(crate) struct Choices<'a> {
    pub(crate) designed: &'a [bool],
    /// Letters that are not drawn. `[N]`
    pub(crate) omitted: &'a [u32],
    /// The members of tied groups.
    pub(crate) ties: Vec<&'a [usize]>,
    /// The residues of cyclic chains, `[N]`, or empty.
    pub(crate) cyclic: &'a [bool],
}

/// The goals of a specification, checked: some sequence meets them all.
pub(in super::super) fn constraints(
    spec: &DesignSpec,
    structure: &Structure,
    choices: &Choices<'_>,
    warnings: &mut Vec<String>,
) -> Result<Constraints, SpecError> {
    let mut totals = Vec::new();
    let selector = Selector { structure, files: &spec.files };
    let mut scope = |field: &'static str, goal: &Goal<'_>| -> Result<Vec<usize>, SpecError> {
        let Some(text) = goal.selection else { return Ok((0..structure.residues.len()).collect()) };
        let mut selection = selector.select(field, text)?;
        warnings.append(&mut selection.warnings);
        selection.indexes.sort_unstable();
        Ok(selection.indexes)
    };
    for text in &spec.charge {
        let goal = parse_charge(text)?;
        totals.push(total(CHARGE, text, &goal, scope(CHARGE, &goal)?));
    }
    for text in &spec.count {
        for goal in parse_counts(text)? {
            let residues = scope(COUNT, &goal)?;
            let text = goal.selection.map_or_else(|| goal.text.to_owned(), |scope| format!("{scope}:{}", goal.text));
            totals.push(total(COUNT, &text, &goal, residues));
        }
    }
    let mut motifs = Vec::new();
    let mut texts = Vec::new();
    for text in &spec.no_motif {
        let text = text.trim().to_owned();
        let one = std::slice::from_ref(&text);
        let automaton = Automaton::of(one).map_err(|reason| malformed_motif(&text, reason))?;
        motifs.push(Motif { automaton, text: text.clone() });
        texts.push(text);
    }
    if totals.is_empty() && motifs.is_empty() {
        return Ok(Constraints { residues: structure.residues.len(), ..Constraints::default() });
    }
    let automaton = Automaton::of(&texts).map_err(|reason| malformed_motif(&texts.join(" "), reason))?;
    let segments = if motifs.is_empty() { Vec::new() } else { segments(structure, choices, automaton.longest) };
    let constraints = Constraints { residues: structure.residues.len(), totals, motifs, automaton, segments };
    check(&constraints, structure, choices)?;
    Ok(constraints)
}

/// Checks what goals say without a structure: all but their selections.
pub(in super::super) fn check_goals(spec: &DesignSpec) -> Result<(), SpecError> {
    for text in &spec.charge {
        parse_charge(text)?;
    }
    for text in &spec.count {
        parse_counts(text)?;
    }
    for text in spec.no_motif.iter().map(|text| text.trim()) {
        Automaton::of(&[text.to_owned()]).map_err(|reason| malformed_motif(text, reason))?;
    }
    Ok(())
}

fn malformed_motif(text: &str, reason: String) -> SpecError {
    SpecError::Malformed { field: NO_MOTIF, item: quoted(text), reason }
}

fn total(field: &'static str, text: &str, goal: &Goal<'_>, residues: Vec<usize>) -> Total {
    let what = match goal.letters {
        None => "the net charge".to_owned(),
        Some(letters) => {
            let letters = Letter::all().filter(|letter| letters & 1 << letter.index() != 0);
            format!("the number of {}", letters.map(|letter| letter.to_string()).collect::<Vec<_>>().join(" and "))
        }
    };
    let place = goal.selection.map_or_else(String::new, |selection| format!(" of {selection}"));
    Total {
        field,
        text: text.trim().to_owned(),
        subject: format!("{what}{place}"),
        residues,
        values: goal.values(),
        minimum: goal.minimum,
        maximum: goal.maximum,
    }
}

/// Runs of adjacent residues of the chains in which something is designed.
fn segments(structure: &Structure, choices: &Choices<'_>, longest: usize) -> Vec<Vec<usize>> {
    let mut segments = Vec::new();
    for chain in &structure.chains {
        if !chain.residues.clone().any(|residue| choices.designed[residue]) {
            continue;
        }
        let mut runs: Vec<Vec<usize>> = Vec::new();
        for residue in chain.residues.clone() {
            let position = |index: usize| structure.residues[index].sequence_position;
            match runs.last_mut() {
                Some(run) if run.last().is_some_and(|&last| position(last) + 1 == position(residue)) => {
                    run.push(residue)
                }
                _ => runs.push(vec![residue]),
            }
        }
        if choices.cyclic.get(chain.residues.start).copied().unwrap_or(false) {
            close(&mut runs, longest);
        }
        segments.append(&mut runs);
    }
    segments
}

/// Makes the first residue of a cyclic chain follow the last.
fn close(runs: &mut Vec<Vec<usize>>, longest: usize) {
    match &mut runs[..] {
        [] => {}
        [ring] => {
            let again = ring.len().min(longest).saturating_sub(1);
            ring.extend_from_within(..again);
        }
        _ => {
            let first = runs.remove(0);
            if let Some(last) = runs.last_mut() {
                last.extend(first);
            }
        }
    }
}

fn check(constraints: &Constraints, structure: &Structure, choices: &Choices<'_>) -> Result<(), SpecError> {
    let native: Vec<Letter> = structure.residues.iter().map(|residue| residue.letter).collect();
    for motif in &constraints.motifs {
        if let Some(residues) = fixed_motif(motif, constraints, &native, choices.designed) {
            let text: String = residues.iter().map(|&residue| native[residue].to_char()).collect();
            let reason = format!("{} is fixed and reads {text}", short_ranges(&residues, structure));
            return Err(unsatisfiable(NO_MOTIF, &motif.text, structure, reason));
        }
    }
    let Choices { designed, omitted, .. } = *choices;
    let parts = Parts { constraints, native: &native, designed, omitted, ties: choices.ties.clone() };
    let problem = Problem::new(&parts).map_err(|refusal| match refusal {
        Refusal::Sum { total, least, most } => {
            let Total { field, text, subject, .. } = &constraints.totals[total];
            let reason = match least == most {
                true => format!("with the letters that can be drawn, {subject} can only be {least}"),
                false => format!("with the letters that can be drawn, {subject} is {least} to {most}"),
            };
            unsatisfiable(field, text, structure, reason)
        }
        Refusal::Segment(segment) => {
            let mut residues = constraints.segments[segment].clone();
            residues.sort_unstable();
            residues.dedup();
            let texts: Vec<&str> = constraints.motifs.iter().map(|motif| motif.text.as_str()).collect();
            let reason = format!(
                "no choice of the letters that can be drawn avoids it in {}",
                short_ranges(&residues, structure)
            );
            unsatisfiable(NO_MOTIF, &texts.join(" "), structure, reason)
        }
    })?;
    let allowed = problem.allowed();
    let reason = match problem.complete(&allowed, &problem.hint(&native), MOST_NODES) {
        Completion::Found(_) => return Ok(()),
        Completion::Impossible => "no sequence of the letters that can be drawn does".to_owned(),
        Completion::Unknown => format!("a search of {MOST_NODES} steps found no sequence that does; ask for less"),
    };
    if let ([Total { field, text, .. }], []) = (&constraints.totals[..], &constraints.motifs[..]) {
        return Err(unsatisfiable(field, text, structure, reason));
    }
    let totals = constraints.totals.iter().map(|total| format!("`{} {}`", total.field, total.text));
    let motifs = constraints.motifs.iter().map(|motif| format!("`{NO_MOTIF} {}`", motif.text));
    let goals = totals.chain(motifs).collect::<Vec<_>>().join(", ");
    Err(SpecError::UnsatisfiableTogether { structure: structure.name.clone(), goals, reason })
}

fn unsatisfiable(field: &'static str, text: &str, structure: &Structure, reason: String) -> SpecError {
    SpecError::Unsatisfiable { field, item: quoted(text), structure: structure.name.clone(), reason }
}

/// Fixed residues that are a motif.
fn fixed_motif(motif: &Motif, constraints: &Constraints, native: &[Letter], designed: &[bool]) -> Option<Vec<usize>> {
    for segment in &constraints.segments {
        for run in segment.split(|&residue| designed[residue]) {
            let letters = |part: &[usize]| part.iter().map(|&residue| native[residue]).collect::<Vec<_>>();
            let Some(end) = motif.automaton.find(letters(run)) else { continue };
            // The shortest that ends there.
            let begin = (0..end).rev().find(|&begin| motif.automaton.find(letters(&run[begin..end])).is_some());
            return begin.map(|begin| run[begin..end].to_vec());
        }
    }
    None
}

impl Problem {
    /// The letters of each variable that no goal rules out from the start.
    pub(crate) fn allowed(&self) -> Vec<u32> {
        self.variables.iter().map(|variable| variable.allowed).collect()
    }

    /// Native letters, of the first member of each variable.
    pub(crate) fn hint(&self, native: &[Letter]) -> Vec<Letter> {
        let mut hint = vec![Letter::X; self.variables.len()];
        for (residue, variable) in self.variable_of.iter().enumerate().rev() {
            if let Some(variable) = variable {
                hint[*variable as usize] = native[residue];
            }
        }
        hint
    }

    /// Whether the goals bear on a variable's letter.
    pub(crate) fn concerns(&self, variable: usize) -> bool {
        self.sums.iter().any(|sum| sum.weights[variable] > 0)
            || self.segments.iter().flatten().any(|&cell| cell == Cell::Variable(variable as u32))
    }
}
