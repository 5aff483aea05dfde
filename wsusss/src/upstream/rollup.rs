//! ReportingWebService: reports are taken and forgotten. A vendor who wants them reads the request
//! with [`messages::decode`](crate::messages::decode) before the server answers it.

use super::{Catalog, Server};
use crate::messages::reporting::RollupConfiguration;
use crate::messages::{Empty, Guid, List, Message};

impl<C: Catalog> Server<C> {
    /// The answer to a report, if it is one.
    pub(super) fn rollup(&self, request: &Message<'_>) -> Option<Message<'static>> {
        Some(match request {
            Message::GetRollupConfiguration(_) => {
                Message::GetRollupConfigurationResponse(self.rollup_configuration().into())
            }
            Message::RollupDownstreamServers(_) => {
                Message::RollupDownstreamServersResponse(Empty::default())
            }
            Message::RollupComputers(_) => Message::RollupComputersResponse(List::default()),
            Message::GetOutOfSyncComputers(_) => {
                Message::GetOutOfSyncComputersResponse(List::default())
            }
            Message::RollupComputerStatus(_) => Message::RollupComputerStatusResponse(true.into()),
            Message::ReportEventBatch(_) => Message::ReportEventBatchResponse(true.into()),
            Message::ReportEventBatch2(_) => Message::ReportEventBatch2Response(true.into()),
            // No inventory is wanted.
            Message::GetRequiredInventoryType(_) => {
                Message::GetRequiredInventoryTypeResponse(0.into())
            }
            Message::ReportInventory(_) => Message::ReportInventoryResponse(true.into()),
            _ => return None,
        })
    }

    /// *Observed* (MS-WSUSSS 4, sample 3): the sizes of batches.
    fn rollup_configuration(&self) -> RollupConfiguration {
        RollupConfiguration {
            do_detailed_rollup: false.into(),
            rollup_reset_guid: Guid::from_u128(u128::from(self.config.generation)).into(),
            server_id: self.config.server_id.into(),
            max_downstream_servers: 5_000.into(),
            max_computers: 1_500.into(),
            max_out_of_sync_computers: 20_000.into(),
            max_computer_status: 500.into(),
        }
    }
}
