//! Who else decides.

use super::{Check, Rule, names};
use crate::policy::PolicyId;

pub(super) fn check(check: &mut Check<'_>) {
    let approval = PolicyId::RequireUpdateApproval;
    if check.number(approval) == Some(1) {
        let detail = format!("{approval} is 1; approve definition updates as a class in any case");
        check.note(Rule::ApprovalOnDesktop, &[approval], detail);
    }
    let twice: Vec<PolicyId> =
        check.target.group_policy.iter().copied().filter(|policy| check.has(*policy)).collect();
    if !twice.is_empty() {
        check.note(Rule::GroupPolicyWins, &twice, names(&twice));
        // *Decision* (C31): the note of 2023 excepts the Update area from MDMWinsOverGP.
        if check.target.mdm_wins_over_gp {
            check.note(Rule::MdmWinsOverGpIgnored, &twice, names(&twice));
        }
    }
}
