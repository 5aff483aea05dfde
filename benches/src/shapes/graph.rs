//! To be measured here.

use super::Scale;
use crate::report::Report;

/// Measures it.
pub fn measure(_scale: &Scale, _report: &mut Report) {}
