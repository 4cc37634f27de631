#pragma once

#include "auditflow/store/event_reader.hpp"

#include "src/postgres/sql_query.hpp"

namespace auditflow::postgres {

/// Rows of `EventSelectList`: those of the page, and one more if there is a next page.
SqlQuery ListEvents(const store::EventQuery& query);
SqlQuery FindEvent(const Uuid& event_id);
/// Rows of value (NULL: not one of the most frequent), bucket and count. Expects a valid query.
SqlQuery CountEvents(const store::StatsQuery& query);

}  // namespace auditflow::postgres
