package transport

import (
	"crypto/tls"
	"net"
	"net/http"
	"time"
)

const (
	dialTimeout      = 30 * time.Second
	keepAlive        = 30 * time.Second
	handshakeTimeout = 10 * time.Second
	headerTimeout    = 2 * time.Minute
	idleTimeout      = 90 * time.Second

	// pingAfter is the silence of an HTTP/2 connection that is tested with a ping. Without a
	// ping, a connection over a dead path stays in use for minutes.
	pingAfter = 15 * time.Second
	// pingTimeout is how long such a ping may stay without a response.
	pingTimeout = 15 * time.Second

	// maxIdleConns is enough for read-ahead and a thousand callers.
	maxIdleConns = 1024
	// maxDownloadHeader limits the response headers of a download in bytes.
	maxDownloadHeader = 1 << 20
)

// New returns a transport with timeouts for everything except bodies. It closes a silent HTTP/2
// connection.
func New(config *tls.Config) *http.Transport {
	dialer := &net.Dialer{Timeout: dialTimeout, KeepAlive: keepAlive}
	return &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           dialer.DialContext,
		ForceAttemptHTTP2:     true,
		HTTP2:                 &http.HTTP2Config{SendPingTimeout: pingAfter, PingTimeout: pingTimeout},
		TLSClientConfig:       config,
		TLSHandshakeTimeout:   handshakeTimeout,
		ResponseHeaderTimeout: headerTimeout,
		IdleConnTimeout:       idleTimeout,
		MaxIdleConnsPerHost:   maxIdleConns,
	}
}

// NewForDownloads returns a transport for downloads, with the proxy and the dialer of
// callerTransport unless it is nil. Connections are not reused, because net/http would repeat a
// request that fails on one. HTTP/2 is off, because its frames cost a third of the speed.
func NewForDownloads(config *tls.Config, callerTransport *http.Transport) *Transport {
	base := New(config)
	if callerTransport != nil {
		base.Proxy = callerTransport.Proxy
		base.ProxyConnectHeader = callerTransport.ProxyConnectHeader
		base.GetProxyConnectHeader = callerTransport.GetProxyConnectHeader
		base.DialContext = callerTransport.DialContext
	}
	base.ForceAttemptHTTP2 = false
	base.TLSNextProto = map[string]func(string, *tls.Conn) http.RoundTripper{}
	base.DisableKeepAlives = true
	base.DisableCompression = true
	base.ResponseHeaderTimeout = 0 // a download has a stall timeout
	base.MaxResponseHeaderBytes = maxDownloadHeader
	tracked := Track(base)
	tracked.tracksAllConns = true // it has no other protocol
	return tracked
}
