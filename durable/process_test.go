package durable_test

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"

	"example.com/restorejobs/durable"
)

var errKilled = errors.New("the process was killed")

// process is a process that is killed at an event. Afterwards nothing of it has an effect.
type process struct {
	mu      sync.Mutex
	left    int // events until it is killed; negative: never
	killed  bool
	cancel  context.CancelCauseFunc
	context context.Context //nolint:containedctx // of the process
}

// newProcess starts a process that is killed at the event with this number, never if it is negative.
func newProcess(ctx context.Context, killAt int) *process {
	p := &process{left: killAt}
	p.context, p.cancel = context.WithCancelCause(ctx)
	return p
}

// isAlive counts an event, and reports whether the process has survived it.
func (p *process) isAlive() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.left == 0 && !p.killed {
		p.killed = true
		p.cancel(errKilled)
	}
	p.left--
	return !p.killed
}

func (p *process) wasKilled() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.killed
}

// journal is a journal as this process sees it.
// Its clock differs from that of the processes before it.
func (p *process) journal(stored durable.Journal, skew time.Duration) durable.Journal {
	return &processJournal{
		process: p,
		stored:  stored,
		skew:    skew,
	}
}

// unlockedJournal is a journal that cannot be locked.
type unlockedJournal struct{ durable.Journal }

// processJournal is a journal whose process can be killed before and after each access.
type processJournal struct {
	process *process
	stored  durable.Journal
	skew    time.Duration
}

func (j *processJournal) Load(ctx context.Context) (durable.State, error) {
	if !j.process.isAlive() {
		return durable.State{}, errKilled
	}
	state, err := j.stored.Load(ctx)
	if !state.Intent.IsZero() {
		state.Intent = state.Intent.Add(-j.skew)
	}
	return state, err
}

func (j *processJournal) Save(ctx context.Context, state durable.State) error {
	if !j.process.isAlive() {
		return errKilled
	}
	if err := j.stored.Save(ctx, state); err != nil {
		return err
	}
	if !j.process.isAlive() {
		return errKilled
	}
	return nil
}

func (j *processJournal) Lock(ctx context.Context) (func(), error) {
	return j.stored.(durable.Locker).Lock(ctx)
}

// transport is a network whose process can be killed before a request is sent, after it was
// executed, and while its response is read.
func (p *process) transport(base http.RoundTripper) http.RoundTripper {
	return &processTransport{process: p, base: base}
}

type processTransport struct {
	process *process
	base    http.RoundTripper
}

func (t *processTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	if !t.process.isAlive() {
		return nil, errKilled
	}
	resp, err := t.base.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	if !t.process.isAlive() {
		_ = resp.Body.Close()
		return nil, errKilled
	}
	resp.Body = &processBody{ReadCloser: resp.Body, process: t.process}
	return resp, nil
}

type processBody struct {
	io.ReadCloser

	process *process
}

func (b *processBody) Read(p []byte) (int, error) {
	if !b.process.isAlive() {
		return 0, errKilled
	}
	const piece = 4096 // so that a file has several events
	return b.ReadCloser.Read(p[:min(len(p), piece)])
}

// newRand returns the random numbers of a seed.
func newRand(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 0)) }
