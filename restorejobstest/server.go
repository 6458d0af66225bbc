package restorejobstest

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"encoding/hex"
	"net/http"
	"sync"
	"time"
)

const (
	inProcessURL      = "https://restorejobs.test"
	inProcessDownload = "https://downloads.restorejobs.test"
)

// A Server serves restore jobs from memory. Create it with [NewServer]. It is safe for
// concurrent use.
type Server struct {
	opts      options
	scheme    string // of the listeners
	certPEM   []byte
	endpoints []endpoint
	handlers  *http.ServeMux // of [Server.Handle]
	tls       *tls.Config    // nil: plain http
	listen    sync.Once
	servers   []*http.Server
	running   sync.WaitGroup
	baseCtx   context.Context //nolint:containedctx // ends waiting handlers when the server is closed
	cancel    context.CancelFunc

	mu             sync.Mutex
	origin         string // of the API
	downloadBase   string // of downloads
	offset         time.Duration
	closed         bool
	waiters        map[chan struct{}]bool // closed with the server
	nonces         map[string]*nonce
	tokens         map[string]time.Time
	projects       []*project
	goalDelay      time.Duration // from a create to the rise of the goal
	agentDelay     time.Duration // from there until the target has reached it
	resources      []*resource
	links          map[string]*archiveFile
	jobs           map[string]*job
	collectionJobs []*collectionJob // oldest first
	lastID         int
	createCount    int
	requests       []Request
	faults         []*queuedFault
}

// NewServer returns a server with the jobs and snapshots of each [Scope]. It opens a port when
// [Server.URL] is called first, or with [Server.Listen]. Close it with [Server.Close].
func NewServer(opts ...Option) *Server {
	o := defaultOptions()
	for _, opt := range opts {
		opt(&o)
	}
	if o.keys == nil {
		o.keys = map[string]string{PublicKey: PrivateKey}
		o.publicKey = PublicKey
	}
	if o.accounts == nil {
		o.accounts = map[string]string{ClientID: ClientSecret}
	}
	s := &Server{
		opts:         o,
		scheme:       "http",
		endpoints:    endpoints(),
		handlers:     http.NewServeMux(),
		origin:       inProcessURL,
		downloadBase: inProcessURL,
		nonces:       map[string]*nonce{},
		tokens:       map[string]time.Time{},
		links:        map[string]*archiveFile{},
		jobs:         map[string]*job{},
		goalDelay:    40 * time.Second,
		agentDelay:   time.Minute,
		waiters:      map[chan struct{}]bool{},
	}
	if o.tls && !o.inProcess {
		var cert tls.Certificate
		cert, s.certPEM = selfSigned()
		s.scheme = "https"
		s.tls = &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12}
	}
	if o.downloadOrigin {
		s.downloadBase = inProcessDownload
	}
	s.baseCtx, s.cancel = context.WithCancel(context.Background())
	for _, spec := range scopeSpecs() {
		s.addSpec(spec)
	}
	s.seed()
	return s
}

// URL returns the base URL of the server, without a trailing slash. The first call opens a free
// port of loopback, unless [Server.Listen] has opened one. It panics if that fails.
func (s *Server) URL() string {
	s.listen.Do(func() {
		if !s.opts.inProcess {
			s.startListeners(s.mustListen())
		}
	})
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.origin
}

// DownloadURL returns the origin of download links: [Server.URL], or a separate one with
// [WithDownloadOrigin].
func (s *Server) DownloadURL() string {
	s.URL()
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.downloadBase
}

// Close closes the listeners, resets the connections of running requests, and waits for the
// handlers. Requests through [Server.Transport] fail too. Further calls have no effect.
func (s *Server) Close() {
	s.listen.Do(func() {}) // URL opens no port after this
	s.mu.Lock()
	s.closed = true
	for waiting := range s.waiters {
		close(waiting)
	}
	clear(s.waiters)
	s.mu.Unlock()
	s.cancel()
	for _, server := range s.servers {
		_ = server.Close()
	}
	s.running.Wait()
}

func (s *Server) isClosed() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.closed
}

// Advance moves the clock of the server forward by d. Nonces, tokens, jobs and links use this
// clock, which otherwise follows package time. The waits of [DelayResponse] and [StallBody] do
// not use it.
func (s *Server) Advance(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.offset += d
}

// now must be called with the lock held.
func (s *Server) now() time.Time { return time.Now().Add(s.offset).UTC() }

func randomHex(bytes int) string {
	b := make([]byte, bytes)
	_, _ = rand.Read(b)
	return hex.EncodeToString(b)
}
