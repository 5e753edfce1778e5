//! The selection among the designs of one structure, as they are made.

use fastmpnn::chemistry::Letter;
use fastmpnn::structure::Structure;

use super::{Candidate, Selection, SelectionReport, StructureMeasures};
use crate::error::{PipelineError, unusable};
use crate::filter::ExpressionError;
use crate::measure::ScoreMask;
use crate::output::DesignResult;

/// The selection among the designs of one structure. They are given to it in the order of their numbers, and come back in
/// the same order: at once, or after the last one where they are compared.
#[derive(Debug)]
pub(crate) struct StructureSelection<'a> {
    selection: &'a Selection,
    measures: StructureMeasures<'a>,
    held: Vec<DesignResult>,
    candidates: Vec<Candidate>,
    report: SelectionReport,
}

impl<'a> StructureSelection<'a> {
    pub(crate) fn new(
        selection: &'a Selection,
        structure: &'a Structure,
        mask: &'a ScoreMask,
    ) -> StructureSelection<'a> {
        StructureSelection {
            selection,
            measures: StructureMeasures::new(structure, mask, selection.properties()),
            held: Vec::new(),
            candidates: Vec::new(),
            report: selection.report(),
        }
    }

    /// Takes designs that are drawn; gives back those that are kept whatever follows.
    pub(crate) fn take(&mut self, drawn: Vec<DesignResult>) -> Result<Vec<DesignResult>, PipelineError> {
        let unfit = |error: ExpressionError| unusable(error.to_string());
        let mut kept = Vec::new();
        for result in drawn {
            let row = self.measures.values(&result);
            if !self.selection.passes(&row, &mut self.report).map_err(unfit)? {
                continue;
            }
            if !self.selection.compares() {
                kept.push(result);
                continue;
            }
            self.candidates.push(Candidate {
                key: self.selection.ranking().key_of(&row).map_err(unfit)?,
                structure: 0,
                sequence: result.design.sequence.iter().map(|&letter: &Letter| letter.index() as u8).collect(),
                designed: row.complex().designed_residues,
            });
            self.held.push(result);
        }
        Ok(kept)
    }

    /// Those of the held designs that are kept; all are made.
    pub(crate) fn rest(&mut self) -> Vec<DesignResult> {
        if !self.selection.compares() {
            return Vec::new();
        }
        let mut kept = self.selection.choose(&self.candidates, &mut self.report);
        kept.sort_unstable();
        let mut held: Vec<Option<DesignResult>> = std::mem::take(&mut self.held).into_iter().map(Some).collect();
        kept.into_iter().filter_map(|index| held[index].take()).collect()
    }

    /// Which step removed how many.
    pub(crate) fn report(&self) -> &SelectionReport {
        &self.report
    }
}
