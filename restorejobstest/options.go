package restorejobstest

import (
	"net/http"
	"time"
)

// The credentials of a new server.
const (
	// PublicKey is the public key of the API key that a server accepts by default.
	PublicKey = "fakepublic"
	// PrivateKey is the private key of that API key.
	PrivateKey = "5a5a5a5a-0000-4000-8000-feedfacecafe"
	// ClientID is the id of the service account that a server accepts by default.
	ClientID = "mdb_sa_id_5a5a5a5a5a5a5a5a5a5a5a5a"
	// ClientSecret is the secret of that service account.
	ClientSecret = "mdb_sa_sk_restorejobstest"
)

// An Option configures a server of [NewServer].
type Option func(*options)

type options struct {
	inProcess      bool
	tls            bool
	downloadOrigin bool

	keys      map[string]string
	publicKey string // the first of keys
	accounts  map[string]string

	algorithm     string
	opChallenge   bool
	challenges    []string
	nonceUses     int
	nonceLifetime time.Duration
	risingCount   bool

	envelopeKey string
	envelopeOK  bool

	shards           int
	snapshotOrder    SnapshotOrder
	snapshotDuration time.Duration
	restoreDurations map[format]time.Duration
	archiveSize      int64
	noRange          bool
	noValidators     bool
	uncountedResume  bool
	expiredStatus    int
	privateEndpoint  string
}

func defaultOptions() options {
	return options{
		algorithm:     "MD5",
		nonceUses:     1024,
		nonceLifetime: time.Minute,
		envelopeKey:   "content",
		restoreDurations: map[format]time.Duration{
			classic: 4 * time.Minute,
			cloud:   4 * time.Minute,
			flex:    63 * time.Second,
		},
		snapshotDuration: 173 * time.Second,
		archiveSize:      -1,
		expiredStatus:    http.StatusGone,
	}
}

// InProcess makes a server that never listens. Its URL has a host that does not exist, and
// only [Server.Transport] reaches it.
func InProcess() Option { return func(o *options) { o.inProcess = true } }

// WithTLS makes the server use HTTPS with a self-signed certificate, which
// [Server.Certificate] returns. The certificate is valid for 127.0.0.1 only. It has no effect with
// [InProcess].
func WithTLS() Option { return func(o *options) { o.tls = true } }

// WithAPIKey makes the server accept this API key instead of the default one. The option can
// be repeated to accept several keys.
func WithAPIKey(public, private string) Option {
	return func(o *options) {
		if o.keys == nil {
			o.keys = map[string]string{}
			o.publicKey = public
		}
		o.keys[public] = private
	}
}

// WithServiceAccount makes the server issue tokens to this service account instead of the
// default one. The option can be repeated to accept several accounts.
func WithServiceAccount(id, secret string) Option {
	return func(o *options) {
		if o.accounts == nil {
			o.accounts = map[string]string{}
		}
		o.accounts[id] = secret
	}
}

// WithNonceUses sets how often one nonce is accepted before it is stale. Default 1024. With 1,
// each request needs a new challenge; with 0, every request is refused.
func WithNonceUses(n int) Option { return func(o *options) { o.nonceUses = n } }

// WithNonceLifetime sets how long a nonce is accepted before it is stale, on the clock of the
// server. Default one minute. If negative, every nonce is stale immediately.
func WithNonceLifetime(d time.Duration) Option { return func(o *options) { o.nonceLifetime = d } }

// WithRisingNonceCount refuses a nonce count that is not higher than every earlier count of the
// nonce. By default only a repeated count is refused, because concurrent requests arrive in any
// order.
func WithRisingNonceCount() Option { return func(o *options) { o.risingCount = true } }

// WithSHA256 makes the challenge require SHA-256 instead of MD5.
func WithSHA256() Option { return func(o *options) { o.algorithm = "SHA-256" } }

// WithOpChallenge writes the challenge as in the API documents: with op="auth" instead of the
// qop="auth" of the real service. The credentials may then omit qop, nc and cnonce.
func WithOpChallenge() Option { return func(o *options) { o.opChallenge = true } }

// WithChallenge replaces the challenge by these WWW-Authenticate headers, in this order. In
// each, "{nonce}" is replaced by a new nonce, and "{stale}" by true or false.
func WithChallenge(headers ...string) Option { return func(o *options) { o.challenges = headers } }

// WithEnvelopeKey sets the key of the body in an envelope. Default "content"; some API
// documents have "envelope".
func WithEnvelopeKey(key string) Option { return func(o *options) { o.envelopeKey = key } }

// WithEnvelopeStatusOK makes every response with an envelope have status 200, so that only the
// envelope has the real status. By default both have it. The 401 of a challenge is unaffected.
func WithEnvelopeStatusOK() Option { return func(o *options) { o.envelopeOK = true } }

// WithShards makes [Scope.Cluster] a sharded cluster with n shards and a config server, in
// every scope that supports it. Default 0, which is a replica set.
func WithShards(n int) Option { return func(o *options) { o.shards = n } }

// WithRestoreDuration sets how long a created job runs. Default 4 minutes, for flex 63 seconds.
// With 0, a job has finished when the create is responded to.
func WithRestoreDuration(d time.Duration) Option {
	return func(o *options) {
		o.restoreDurations = map[format]time.Duration{
			classic: d,
			cloud:   d,
			flex:    d,
		}
	}
}

// WithArchiveSize sets the size of every archive in bytes. The content is then computed while
// it is sent, from the job id and the replica set, so that each request gets the same bytes.
// By default, or if negative, an archive is a small, valid .tar.gz.
func WithArchiveSize(bytes int64) Option { return func(o *options) { o.archiveSize = bytes } }

// WithoutRange makes downloads ignore Range.
func WithoutRange() Option { return func(o *options) { o.noRange = true } }

// WithoutValidators omits ETag and Last-Modified from downloads.
func WithoutValidators() Option { return func(o *options) { o.noValidators = true } }

// WithUncountedResume makes only requests for the first byte of an archive count against
// maxDownloads. By default every request for a link counts.
func WithUncountedResume() Option { return func(o *options) { o.uncountedResume = true } }

// WithExpiredStatus sets the HTTP status of an expired link. Default 410.
func WithExpiredStatus(code int) Option { return func(o *options) { o.expiredStatus = code } }

// WithDownloadOrigin serves downloads from a separate origin: a second listener, or a second
// host name with [InProcess].
func WithDownloadOrigin() Option { return func(o *options) { o.downloadOrigin = true } }

// WithPrivateEndpoint adds a second link to each download of an Atlas cluster, for the private
// endpoint with this id.
func WithPrivateEndpoint(id string) Option { return func(o *options) { o.privateEndpoint = id } }
