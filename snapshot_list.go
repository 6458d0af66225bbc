package restorejobs

import (
	"cmp"
	"context"
	"iter"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"example.com/restorejobs/internal/paging"
	"example.com/restorejobs/internal/parallel"
)

// SnapshotOptions select snapshots. A value that contradicts another matches [ErrInvalidArgument],
// and no request is sent.
type SnapshotOptions struct {
	// Before selects snapshots whose [Snapshot.Time] is earlier than this; a snapshot of exactly this
	// time is omitted. Zero for no limit. With a limit, snapshots without a time are omitted.
	Before time.Time
	// After selects snapshots whose [Snapshot.Time] is later than this; a snapshot of exactly this
	// time is omitted. Zero for no limit.
	After time.Time
	// Topology is the topology of the cluster, if it is known. It saves one of two lists. Atlas
	// clusters only; elsewhere the error matches [errors.ErrUnsupported].
	Topology SnapshotTopology
	// IncludeFallback allows [Snapshots.Newest] to return a snapshot of [SnapshotTypeFallback], which
	// is for the case that no other is left. [Snapshots.All] always includes them.
	IncludeFallback bool
}

func (o *SnapshotOptions) validate(operation string, e *endpoint) error {
	var problems []string
	hasBoth := !o.Before.IsZero() && !o.After.IsZero()
	if hasBoth && !o.After.Before(o.Before) {
		problems = append(problems, "After must be earlier than Before")
	}
	switch o.Topology {
	case "", SnapshotOfReplicaSet, SnapshotOfShardedCluster:
	default:
		problems = append(problems, "Topology must be SnapshotOfReplicaSet, SnapshotOfShardedCluster, or empty if unknown")
	}
	if len(problems) > 0 {
		return invalidArgument(operation, problems...)
	}
	if o.Topology != "" && !e.hasShardedSnapshots {
		return e.unsupportedErr(operation + " of one topology")
	}
	return nil
}

// isInTime reports whether the time of a snapshot is within Before and After.
func (o *SnapshotOptions) isInTime(snapshot *Snapshot) bool {
	at := snapshot.Time()
	isEarly := o.Before.IsZero() || !at.IsZero() && at.Before(o.Before)
	isLate := o.After.IsZero() || at.After(o.After)
	return isEarly && isLate
}

const listSnapshotsOperation = "list snapshots"

// All iterates over all snapshots in every state, newest first by [Snapshot.Time]. All variants. The
// order of the service's lists is unknown or differs between variants, so All reads every page before
// the first snapshot. A pending snapshot without a time has the place of its start.
//
// An Atlas cluster has a list for replica sets and one for sharded clusters. All reads both
// concurrently and merges them, unless [SnapshotOptions].Topology is set. If the service refuses one
// of them with 400 or 404, the other one is the result.
//
// The parts of a sharded snapshot are omitted if a list has them. Some old Ops Managers list complete
// snapshots only. An error comes alone, with a nil snapshot.
//
// API: "Get All Snapshots" of every variant; Atlas v2 "listBackupSnapshots" and
// "listBackupShardedClusters".
func (s *Snapshots) All(ctx context.Context, opts SnapshotOptions) iter.Seq2[*Snapshot, error] {
	return func(yield func(*Snapshot, error) bool) {
		snapshots, err := s.readAll(ctx, listSnapshotsOperation, opts)
		if err != nil {
			yield(nil, err)
			return
		}
		for _, snapshot := range snapshots {
			if opts.isInTime(snapshot) && !yield(snapshot, nil) {
				return
			}
		}
	}
}

// readAll returns the snapshots of every list, newest first. It does not select by time.
func (s *Snapshots) readAll(ctx context.Context, operation string, opts SnapshotOptions) ([]*Snapshot, error) {
	if err := mergeInvalid(s.validateIDs(operation), opts.validate(operation, s.endpoint)); err != nil {
		return nil, err
	}
	snapshots, err := readLists(ctx, s.lists(operation, opts.Topology))
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(snapshots, func(a, b *Snapshot) int { return compareAge(b, a) })
	return snapshots, nil
}

// compareAge orders snapshots by time. Those of one second have the order of their operations.
func compareAge(a, b *Snapshot) int {
	return cmp.Or(
		a.sortTime().Compare(b.sortTime()),
		cmp.Compare(a.LastOplogAppliedTimestamp.Increment, b.LastOplogAppliedTimestamp.Increment),
		cmp.Compare(a.Created.Increment, b.Created.Increment),
		cmp.Compare(a.ID, b.ID),
	)
}

// lists returns the lists that can have snapshots of the source.
func (s *Snapshots) lists(operation string, topology SnapshotTopology) []*listSpec[*Snapshot] {
	var lists []*listSpec[*Snapshot]
	if topology != SnapshotOfShardedCluster {
		lists = append(lists, s.mainList(operation))
	}
	if topology != SnapshotOfReplicaSet && s.endpoint.hasShardedSnapshots {
		lists = append(lists, s.shardedList(operation))
	}
	return lists
}

// readLists reads lists concurrently and merges them. One that is refused is omitted if another is not.
func readLists(ctx context.Context, lists []*listSpec[*Snapshot]) ([]*Snapshot, error) {
	results := make([][]*Snapshot, len(lists))
	refusals := make([]error, len(lists))
	err := parallel.ForEach(ctx, len(lists), len(lists), func(ctx context.Context, i int) error {
		var err error
		results[i], err = lists[i].collect(ctx)
		if isOtherTopology(err) && len(results[i]) == 0 { // no topology explains a refused later page
			refusals[i] = err
			return nil
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	if !slices.Contains(refusals, nil) {
		return nil, refusals[0]
	}
	return mergeSnapshots(results), nil
}

// mergeSnapshots joins lists, of which two can have the same snapshot. The later list has more of it.
// The parts of a sharded cluster's snapshot are omitted: none has all data of the cluster.
func mergeSnapshots(lists [][]*Snapshot) []*Snapshot {
	isKnown := map[string]bool{}
	for _, list := range lists {
		for _, snapshot := range list {
			snapshot.addParts(isKnown)
		}
	}
	var merged []*Snapshot
	for _, list := range slices.Backward(lists) {
		for _, snapshot := range list {
			if snapshot.ID != "" && isKnown[snapshot.ID] {
				continue
			}
			isKnown[snapshot.ID] = true
			merged = append(merged, snapshot)
		}
	}
	return merged
}

// addParts adds the IDs of the snapshots that are parts of this one.
func (s *Snapshot) addParts(ids map[string]bool) {
	for i := range s.Members {
		if id := s.Members[i].ID; id != s.ID {
			ids[id] = true
		}
	}
	for _, id := range s.SnapshotIDs {
		if id != s.ID {
			ids[id] = true
		}
	}
}

func appendSnapshotID(dst []byte, snapshot *Snapshot) []byte { return append(dst, snapshot.ID...) }

// mainList is the list that every source has.
func (s *Snapshots) mainList(operation string) *listSpec[*Snapshot] {
	list := &listSpec[*Snapshot]{
		operation: operation,
		noun:      "snapshot",
		appendID:  appendSnapshotID,
		size:      maxItemsPerPage,
	}
	if s.endpoint.max100PerPage {
		list.smallSize = legacyMaxItemsPerPage
	}
	list.fetch = func(ctx context.Context, number, size int) (*paging.Page[*Snapshot], error) {
		query := pageQuery(number, size)
		if s.endpoint.hidesIncomplete && size == list.size { // servers that refuse the size lack this, too
			query.Set("completed", "all")
		}
		return s.fetchPage(ctx, operation, "", number, query)
	}
	return list
}

// shardedList is the list for sharded Atlas clusters. It has no documented parameters for pages, but a
// response that is not whole must not pass for the whole list.
func (s *Snapshots) shardedList(operation string) *listSpec[*Snapshot] {
	return &listSpec[*Snapshot]{
		operation: operation,
		noun:      "snapshot",
		appendID:  appendSnapshotID,
		size:      defaultItemsPerPage,
		readAhead: 1,
		fetch: func(ctx context.Context, number, _ int) (*paging.Page[*Snapshot], error) {
			if number > 1 {
				return s.fetchPage(ctx, operation, shardedListSuffix, number, url.Values{"pageNum": {strconv.Itoa(number)}})
			}
			page, err := s.fetchPage(ctx, operation, shardedListSuffix, number, nil)
			if err == nil && !page.HasNextLink && page.Total <= len(page.Items) {
				page.HasLinks = true // a full page is the whole list, too
			}
			return page, err
		},
	}
}

func (s *Snapshots) fetchPage(ctx context.Context, operation, suffix string, number int, query url.Values) (*paging.Page[*Snapshot], error) {
	req, err := s.newRequest(operation, http.MethodGet, suffix, query)
	if err != nil {
		return nil, err
	}
	page, _, err := sendPage(ctx, s.client, req, number, readSnapshot)
	if err != nil {
		return nil, err
	}
	return page, nil
}
