//! Mutants of one or several residues, compared with the native sequence as a whole.

use std::collections::{BTreeSet, HashMap};

use fastmpnn::chemistry::{Letter, Sequence, VOCABULARY};
use fastmpnn::spec::{DesignPlan, parse_selection};
use fastmpnn::structure::Structure;
use fastmpnn::{Encoding, Engine};

use crate::error::{PipelineError, refusal};
use crate::event::{MutantChange, MutatedResidue, Reporter, ScanResult};
use crate::input::{MutantText, Substitution};
use crate::measure::{deviation, mean, native_sequence, resolved};
use crate::message::Field;
use crate::request::{ProbabilityMode, ScanRequest};
use crate::run::score::passes_together;

/// The most double mutants of a structure.
const MOST_DOUBLES: usize = 1_000_000;

/// What stands instead of the native letters, by residue.
pub(super) type Mutant = Vec<Substitution>;

/// The double mutants at some residues.
pub(super) struct Doubles {
    pub(super) mutants: Vec<Mutant>,
    /// How many they are.
    pub(super) said: String,
}

/// A mutant of a list.
pub(super) fn of_text(text: &MutantText, structure: &Structure, plan: &DesignPlan) -> Result<Mutant, PipelineError> {
    let mutant = text.resolve(structure)?;
    for substitution in &mutant {
        check_designed(substitution.residue, structure, plan).map_err(|reason| text.refused(reason))?;
    }
    Ok(mutant)
}

/// Refuses a residue that a design with the same settings would not draw.
fn check_designed(residue: usize, structure: &Structure, plan: &DesignPlan) -> Result<(), String> {
    if plan.designed[residue] {
        return Ok(());
    }
    let id = &structure.residues[residue].id;
    if !structure.is_resolved(residue) {
        return Err(format!("residue {id} has no backbone"));
    }
    let (chains, fix, redesign) = (Field("chains"), Field("fix"), Field("redesign"));
    Err(format!("residue {id} is fixed: {chains}, {fix} and {redesign} say which residues may be mutated"))
}

/// Every double mutant at two of the selected residues; none without a selection.
pub(super) fn doubles(
    selections: &[String],
    structure: &Structure,
    plan: &DesignPlan,
) -> Result<Option<Doubles>, PipelineError> {
    if selections.is_empty() {
        return Ok(None);
    }
    let double = Field("double");
    let mut sites = BTreeSet::new();
    for selection in selections {
        sites.extend(parse_selection(selection, structure).map_err(|error| refusal(format!("{double}: {error}")))?);
    }
    for &site in &sites {
        check_designed(site, structure, plan).map_err(|reason| refusal(format!("{double}: {reason}")))?;
    }
    let sites: Vec<usize> = sites.into_iter().collect();
    let letters_at = |site: usize| {
        let native = structure.residues[site].letter;
        Letter::all().filter(move |&letter| letter != native && letter != Letter::X)
    };
    let counts: Vec<usize> = sites.iter().map(|&site| letters_at(site).count()).collect();
    let total: usize = counts.iter().sum();
    let squares: usize = counts.iter().map(|count| count * count).sum();
    let (count, pairs) = ((total * total - squares) / 2, sites.len() * sites.len().saturating_sub(1) / 2);
    if pairs == 0 {
        return Err(refusal(format!("{double} selects one residue, and a double mutant needs two")));
    }
    let plural = if pairs == 1 { "" } else { "s" };
    let said = format!("{count} double mutants at {pairs} pair{plural} of {} residues", sites.len());
    if count > MOST_DOUBLES {
        return Err(refusal(format!("{double} asks for {said}, and {MOST_DOUBLES} at most are compared")));
    }
    let mut mutants = Vec::with_capacity(count);
    for (place, &first) in sites.iter().enumerate() {
        for letter in letters_at(first) {
            for &second in &sites[place + 1..] {
                let one = Substitution { residue: first, letter };
                mutants.extend(letters_at(second).map(|letter| vec![one, Substitution { residue: second, letter }]));
            }
        }
    }
    Ok(Some(Doubles { mutants, said }))
}

/// A structure whose mutants are compared.
pub(super) struct MutantScorer<'a> {
    pub(super) request: &'a ScanRequest,
    pub(super) engine: &'a Engine,
    pub(super) encoding: &'a Encoding,
    pub(super) structure: &'a Structure,
    pub(super) plan: &'a DesignPlan,
}

impl MutantScorer<'_> {
    /// The change of each mutant; none where the run is to end before.
    pub(super) fn compare(
        &self,
        mutants: &[Mutant],
        reporter: &mut Reporter<'_>,
    ) -> Result<Option<ScanResult>, PipelineError> {
        // The single mutations of the mutants are compared as well: what they leave unexplained is the coupling.
        let singles: BTreeSet<(usize, usize)> =
            mutants.iter().filter(|mutant| mutant.len() > 1).flatten().map(key).collect();
        let letters: Vec<Letter> = Letter::all().collect();
        let single = |&(residue, letter): &(usize, usize)| vec![Substitution { residue, letter: letters[letter] }];
        let all: Vec<Mutant> = mutants.iter().cloned().chain(singles.iter().map(single)).collect();
        let changes = match self.request.mode {
            ProbabilityMode::Unconditional => Some(self.sums_of_single_changes(&all)?),
            _ => self.changes_of_sequences(&all, reporter)?,
        };
        let Some(changes) = changes else { return Ok(None) };
        let (changes, of_singles) = changes.split_at(mutants.len());
        let of_singles: HashMap<(usize, usize), f64> =
            singles.into_iter().zip(of_singles.iter().map(|orders| mean(orders).unwrap_or_default())).collect();
        let change = |(mutant, orders): (&Mutant, &Vec<f64>)| {
            let change = mean(orders).unwrap_or_default();
            let sum = || mutant.iter().map(|substitution| of_singles[&key(substitution)]).sum::<f64>();
            MutantChange {
                residues: mutant.iter().map(|substitution| self.mutated(substitution)).collect(),
                change,
                deviation: deviation(orders),
                coupling: (mutant.len() > 1).then(|| change - sum()),
            }
        };
        let mutants = mutants.iter().zip(changes).map(change).collect();
        Ok(Some(ScanResult { name: self.structure.name.clone(), mutants, ..ScanResult::default() }))
    }

    fn mutated(&self, substitution: &Substitution) -> MutatedResidue {
        let residue = &self.structure.residues[substitution.residue];
        MutatedResidue { residue: residue.id.clone(), native: residue.letter, letter: substitution.letter }
    }

    /// The change of ln p of the whole sequence, in each order. `[mutants, orders]`
    fn changes_of_sequences(
        &self,
        mutants: &[Mutant],
        reporter: &mut Reporter<'_>,
    ) -> Result<Option<Vec<Vec<f64>>>, PipelineError> {
        let MutantScorer { request, engine, encoding, structure, plan } = *self;
        let native = native_sequence(structure);
        let resolved = resolved(structure);
        let scorer = engine.sequence_scorer(encoding, structure)?;
        let together = passes_together(engine.threads(), structure.residues.len());
        let mut changes: Vec<Vec<f64>> = vec![Vec::new(); mutants.len()];
        for order in 0..u64::from(request.num_orders) {
            let rank = [engine.decoding_rank(encoding, structure, plan, order)?];
            let mut of_native = None;
            for (mutants, changes) in mutants.chunks(together).zip(changes.chunks_mut(together)) {
                if reporter.stops() {
                    return Ok(None);
                }
                let mut sequences = vec![native.clone()];
                sequences.extend(mutants.iter().map(|mutant| mutated_sequence(&native, mutant)));
                let log_p = scorer.log_probabilities(&sequences, &rank)?;
                let log_p: Vec<&[[f32; VOCABULARY]]> = log_p.iter().flatten().map(|log_p| &log_p[..]).collect();
                let of_native = *of_native.get_or_insert_with(|| total(&native, log_p[0], &resolved));
                for ((sequence, log_p), changes) in sequences.iter().zip(log_p).skip(1).zip(changes) {
                    changes.push(total(sequence, log_p, &resolved) - of_native);
                }
            }
        }
        Ok(Some(changes))
    }

    /// The sum of the changes of a mutant's residues, each given the backbone alone. `[mutants, 1]`
    fn sums_of_single_changes(&self, mutants: &[Mutant]) -> Result<Vec<Vec<f64>>, PipelineError> {
        let log_p = self.engine.unconditional(self.encoding)?;
        let change = |substitution: &Substitution| {
            let row = &log_p[substitution.residue];
            let native = self.structure.residues[substitution.residue].letter;
            f64::from(row[substitution.letter.index()] - row[native.index()])
        };
        Ok(mutants.iter().map(|mutant| vec![mutant.iter().map(change).sum()]).collect())
    }
}

fn key(substitution: &Substitution) -> (usize, usize) {
    (substitution.residue, substitution.letter.index())
}

fn mutated_sequence(native: &Sequence, mutant: &Mutant) -> Sequence {
    let mut sequence = native.clone();
    for substitution in mutant {
        sequence[substitution.residue] = substitution.letter;
    }
    sequence
}

/// ln p of a sequence over the residues that have a backbone, nats.
fn total(sequence: &[Letter], log_p: &[[f32; VOCABULARY]], resolved: &[bool]) -> f64 {
    let rows = sequence.iter().zip(log_p).zip(resolved).filter(|(_, resolved)| **resolved);
    rows.map(|((letter, row), _)| f64::from(row[letter.index()])).sum()
}
