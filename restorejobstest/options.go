package restorejobstest

import (
	"net/http"
	"time"
)

// The credentials of a new server.
const (
	// PublicKey is the public half of the API key that a server knows unless
	// [WithAPIKey] names another.
	PublicKey = "fakepublic"
	// PrivateKey is the private half of that API key.
	PrivateKey = "5a5a5a5a-0000-4000-8000-feedfacecafe"
	// ClientID is the id of the service account that a server knows unless
	// [WithServiceAccount] names another.
	ClientID = "mdb_sa_id_5a5a5a5a5a5a5a5a5a5a5a5a"
	// ClientSecret is the secret of that service account.
	ClientSecret = "mdb_sa_sk_restorejobstest"
)

// An Option changes what [NewServer] makes.
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

	shards          int
	restore         map[format]time.Duration
	archiveSize     int64
	noRange         bool
	noValidators    bool
	uncountedResume bool
	expiredStatus   int
	privateEndpoint string
}

func defaults() options {
	return options{
		algorithm:     "MD5",
		nonceUses:     1024,
		nonceLifetime: time.Minute,
		envelopeKey:   "content",
		restore: map[format]time.Duration{
			classic: 4 * time.Minute,
			cloud:   4 * time.Minute,
			flex:    63 * time.Second,
		},
		archiveSize:   -1,
		expiredStatus: http.StatusGone,
	}
}

// InProcess makes a server that never listens. Its URL names a host that does
// not exist, and only [Server.Transport] reaches it.
func InProcess() Option { return func(o *options) { o.inProcess = true } }

// WithTLS makes the server speak https, with a certificate of its own making
// that [Server.Certificate] gives. It does nothing to a server in process.
func WithTLS() Option { return func(o *options) { o.tls = true } }

// WithAPIKey lets this API key in, instead of the default one. Given more than
// once, each of the keys is let in.
func WithAPIKey(public, private string) Option {
	return func(o *options) {
		if o.keys == nil {
			o.keys = map[string]string{}
			o.publicKey = public
		}
		o.keys[public] = private
	}
}

// WithServiceAccount lets this service account have tokens, instead of the
// default one. Given more than once, each of the accounts is let in.
func WithServiceAccount(id, secret string) Option {
	return func(o *options) {
		if o.accounts == nil {
			o.accounts = map[string]string{}
		}
		o.accounts[id] = secret
	}
}

// WithNonceUses sets how often one nonce is taken before it is stale. The
// default is 1024; 1 asks for a new challenge at every request, and 0 lets
// nobody in.
func WithNonceUses(n int) Option { return func(o *options) { o.nonceUses = n } }

// WithNonceLifetime sets how long a nonce is taken before it is stale. The
// default is one minute. [Server.Advance] ages nonces too; a lifetime below
// zero makes every nonce stale at once.
func WithNonceLifetime(d time.Duration) Option { return func(o *options) { o.nonceLifetime = d } }

// WithRisingNonceCount refuses a nonce count that is not above all counts seen
// with the nonce. By default a count is refused only if it was used before,
// in any order, because concurrent requests arrive in any order.
func WithRisingNonceCount() Option { return func(o *options) { o.risingCount = true } }

// WithSHA256 makes the challenge ask for SHA-256 instead of MD5.
func WithSHA256() Option { return func(o *options) { o.algorithm = "SHA-256" } }

// WithOpChallenge spells the challenge as the documents print it, with
// op="auth" where the real service says qop="auth". The answer may then leave
// out qop, nc and cnonce.
func WithOpChallenge() Option { return func(o *options) { o.opChallenge = true } }

// WithChallenge sends these WWW-Authenticate headers, in this order, instead
// of the usual one. "{nonce}" and "{stale}" are replaced by a new nonce and
// by true or false.
func WithChallenge(headers ...string) Option { return func(o *options) { o.challenges = headers } }

// WithEnvelopeKey sets the key that holds the body in an envelope. The default
// is "content"; some documents say "envelope".
func WithEnvelopeKey(key string) Option { return func(o *options) { o.envelopeKey = key } }

// WithEnvelopeStatusOK answers every request that asks for an envelope with
// status 200, the true status standing in the envelope alone. By default both
// carry the true status. The 401 of a challenge keeps its status either way.
func WithEnvelopeStatusOK() Option { return func(o *options) { o.envelopeOK = true } }

// WithShards makes [Scope.Cluster] a sharded cluster of n shards and a config
// server in every scope that can have one. The default, 0, is a replica set.
func WithShards(n int) Option { return func(o *options) { o.shards = n } }

// WithRestoreDuration sets how long a created job runs. The default is four
// minutes, and 63 seconds for flex. At 0 a job has ended when its creation is
// answered.
func WithRestoreDuration(d time.Duration) Option {
	return func(o *options) {
		o.restore = map[format]time.Duration{
			classic: d,
			cloud:   d,
			flex:    d,
		}
	}
}

// WithArchiveSize sets the size in bytes of every archive. Its content is then made
// while it is sent, of the job's id and the replica set's name: the same bytes at
// every request. Without this option, or with a negative size, an archive is a
// small and valid .tar.gz.
func WithArchiveSize(bytes int64) Option { return func(o *options) { o.archiveSize = bytes } }

// WithoutRange makes downloads ignore Range.
func WithoutRange() Option { return func(o *options) { o.noRange = true } }

// WithoutValidators leaves ETag and Last-Modified out of downloads.
func WithoutValidators() Option { return func(o *options) { o.noValidators = true } }

// WithUncountedResume counts only requests for the first byte of an archive against
// maxDownloads. By default every request for a link counts, as far as anyone
// can rely on.
func WithUncountedResume() Option { return func(o *options) { o.uncountedResume = true } }

// WithExpiredStatus sets the HTTP status of a link whose time is over. The default
// is 410.
func WithExpiredStatus(code int) Option { return func(o *options) { o.expiredStatus = code } }

// WithDownloadOrigin serves downloads from an origin of their own: a second
// listener, or a second host name in process.
func WithDownloadOrigin() Option { return func(o *options) { o.downloadOrigin = true } }

// WithPrivateEndpoint gives the downloads of Atlas clusters a second link each,
// for the private endpoint with this id.
func WithPrivateEndpoint(id string) Option { return func(o *options) { o.privateEndpoint = id } }
