package restorejobs

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"example.com/restorejobs/internal/api"
	"example.com/restorejobs/internal/jsondec"
)

const (
	// unlistedGrace is how long a snapshot that Ops Manager has accepted may be missing in its list.
	unlistedGrace    = 30 * time.Second
	unlistedInterval = 5 * time.Second
)

// Create takes a snapshot and returns it, usually in [SnapshotPending]: continue with
// [Snapshots.Wait]. Clusters of Atlas v1, Atlas v2 and Ops Manager; elsewhere the error matches
// [errors.ErrUnsupported]. While another such snapshot is not complete, Atlas refuses with
// [ErrBusy].
//
// Create sends a second request only if the first certainly was not executed. If the response is
// lost, the error is an [*OutcomeUnknownError]: find the snapshot with [Snapshots.All] before another
// create.
//
// Ops Manager responds without an ID. Create lists the snapshots before and after the request, and
// returns the new one. If the response has a time, Create waits up to 30 s for the snapshot of that
// time. If it finds none or several, the error is an [*UnidentifiedSnapshotError].
//
// API: Atlas v1 and v2 "takeSnapshots"; Ops Manager "Take an On-Demand Snapshot".
func (s *Snapshots) Create(ctx context.Context, request SnapshotRequest) (*Snapshot, error) {
	form := s.endpoint.onDemand
	if form == nil {
		return nil, s.endpoint.unsupportedErr(createSnapshotOperation)
	}
	query, body, encodeErr := form.encode(request)
	req, err := s.newRequest(createSnapshotOperation, http.MethodPost, form.pathSuffix, query)
	if err := mergeInvalid(err, encodeErr); err != nil {
		return nil, err
	}
	req.Retry = api.RetryIfUnsent
	req.Body = body
	if form.hasID {
		return sendSnapshotCreate(ctx, s.client, req, func(resp *api.Response) (*Snapshot, error) { return decodeSnapshot(resp.Body) })
	}
	return s.createAndFind(ctx, req)
}

// sendSnapshotCreate sends a create. The error for a lost response names snapshots, not restores.
func sendSnapshotCreate[T any](ctx context.Context, c *Client, req *api.Request, decode func(*api.Response) (T, error)) (T, error) {
	start := time.Now()
	value, err := send(ctx, c, req, decode)
	var unknown *OutcomeUnknownError
	if errors.As(err, &unknown) {
		unknown.Start = start
		unknown.effect = "a snapshot was taken"
		unknown.search = "Snapshots.All"
	}
	return value, err
}

// acceptedSnapshot is the response of Ops Manager.
type acceptedSnapshot struct {
	timestamp Timestamp // zero if unknown
	offset    time.Duration
}

// createAndFind takes a snapshot whose ID is not in the response.
func (s *Snapshots) createAndFind(ctx context.Context, req *api.Request) (*Snapshot, error) {
	before, err := s.readAll(ctx, listSnapshotsOperation, SnapshotOptions{})
	if err != nil {
		return nil, err
	}
	isKnown := map[string]bool{}
	for _, snapshot := range before {
		isKnown[snapshot.ID] = true
	}
	start := time.Now()
	accepted, err := sendSnapshotCreate(ctx, s.client, req, decodeAcceptedSnapshot)
	if err != nil {
		return nil, err
	}
	search := &snapshotSearch{
		isKnown:   isKnown,
		timestamp: accepted.timestamp,
		since:     start.Add(accepted.offset - clockTolerance),
	}
	return s.findAccepted(ctx, start, search)
}

// findAccepted reads the list until it has the snapshot of a search.
func (s *Snapshots) findAccepted(ctx context.Context, start time.Time, search *snapshotSearch) (*Snapshot, error) {
	end := time.Now().Add(unlistedGrace)
	for {
		snapshots, err := s.readAll(ctx, listSnapshotsOperation, SnapshotOptions{})
		candidates, isFinal := search.candidates(snapshots)
		isOver := err != nil || isFinal || !time.Now().Before(end)
		switch {
		case isOver && len(candidates) == 1:
			return candidates[0], nil
		case isOver:
			return nil, &UnidentifiedSnapshotError{Start: start, Candidates: candidates, Err: err}
		}
		if api.Sleep(ctx, unlistedInterval) != nil {
			return nil, &UnidentifiedSnapshotError{Start: start, Candidates: candidates, Err: contextError(ctx)}
		}
	}
}

// decodeAcceptedSnapshot reads any success: the snapshot was accepted, whatever describes it.
func decodeAcceptedSnapshot(resp *api.Response) (acceptedSnapshot, error) {
	accepted := acceptedSnapshot{offset: clockOffset(api.ServerTime(resp.Header), time.Now())}
	body := trimJSON(resp.Body)
	if len(body) == 0 {
		return accepted, nil
	}
	content, _, err := unwrapEnvelope(body)
	if err != nil {
		return accepted, err
	}
	d := jsondec.New(content)
	if !d.Object() {
		return accepted, d.Err()
	}
	for key, ok := d.Key(); ok; key, ok = d.Key() {
		if string(key) == "timestamp" {
			_ = accepted.timestamp.decode(&d) // a form that is not known is as none
		} else {
			d.Skip()
		}
	}
	return accepted, d.End()
}

// snapshotSearch describes a snapshot that was taken, and whose ID is unknown.
type snapshotSearch struct {
	isKnown   map[string]bool // IDs from before the create
	timestamp Timestamp       // of the snapshot; zero if unknown
	since     time.Time       // no creation is earlier, by the clock of the service
}

// candidates returns the snapshots that can be the one, or the one that certainly is. They are final
// unless a snapshot with the timestamp can still appear.
func (s *snapshotSearch) candidates(snapshots []*Snapshot) (candidates []*Snapshot, isFinal bool) {
	var exact []*Snapshot
	for _, snapshot := range snapshots {
		created := snapshot.Created
		switch {
		case snapshot.ID == "" || s.isKnown[snapshot.ID]:
		case !s.timestamp.Date.IsZero() && isSameSecond(created.Date, s.timestamp.Date):
			exact = append(exact, snapshot)
		case created.Date.IsZero() || !created.Date.Before(s.since):
			candidates = append(candidates, snapshot)
		}
	}
	if len(exact) == 1 {
		return exact, true
	}
	isFinal = len(exact) > 0 || len(candidates) > 0 && s.timestamp.Date.IsZero()
	return append(exact, candidates...), isFinal
}

// isSameSecond compares times of which one can have a fraction.
func isSameSecond(a, b time.Time) bool { return a.Truncate(time.Second).Equal(b.Truncate(time.Second)) }

// UnidentifiedSnapshotError is the error of [Snapshots.Create] in Ops Manager for a snapshot that was
// accepted, and whose ID could not be found within 30 s. It matches no sentinel. Another create would
// take another snapshot: list the snapshots instead.
type UnidentifiedSnapshotError struct {
	// Start is the time before the create.
	Start time.Time
	// Candidates are the new snapshots that can be the one, newest first. Nil if the list has none.
	Candidates []*Snapshot
	// Err is what ended the search, such as the error of the context. Nil without one. It is not part
	// of the chain, except for the context's error: the create itself succeeded.
	Err error
}

// Error returns one line with the reason why the ID is unknown.
func (e *UnidentifiedSnapshotError) Error() string {
	text := "restorejobs: " + createSnapshotOperation + ": the service has accepted the snapshot, and its id is not known: "
	switch {
	case e.Err != nil:
		text += trimPackagePrefix(e.Err)
	case len(e.Candidates) > 0:
		ids := make([]string, len(e.Candidates))
		for i, snapshot := range e.Candidates {
			ids[i] = sanitizeOr(snapshot.ID, "without id")
		}
		text += fmt.Sprintf("%d snapshots are new: %s", len(ids), strings.Join(ids, ", "))
	default:
		text += "no new snapshot is listed after " + unlistedGrace.String()
	}
	return text
}

// Unwrap returns the error of a context that has ended the search.
func (e *UnidentifiedSnapshotError) Unwrap() error {
	if e.Err != nil && isContextError(e.Err) {
		return e.Err
	}
	return nil
}

// Format prints [UnidentifiedSnapshotError.Error] for every verb.
func (e *UnidentifiedSnapshotError) Format(f fmt.State, verb rune) {
	if verb == 'q' {
		writeString(f, fmt.Sprintf("%q", e.Error()))
		return
	}
	writeString(f, e.Error())
}
