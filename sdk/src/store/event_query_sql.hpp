#pragma once

#include "auditflow/store/event_reader.hpp"

#include "src/store/sql_query.hpp"

namespace auditflow::store {

/// Rows of `kEventColumns`, one more than the limit: whether there is a next page.
SqlQuery ListEvents(const EventQuery& query);
SqlQuery FindEvent(const Uuid& event_id);
/// Rows of value (NULL: not one of the most frequent), bucket and count. Expects a valid query.
SqlQuery CountEvents(const StatsQuery& query);

}  // namespace auditflow::store
