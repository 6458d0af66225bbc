package program

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	sdklog "go.temporal.io/sdk/log"
)

// maxConnect is how long Temporal may take to answer the first request.
const maxConnect = 30 * time.Second

// maxResolve is how long the name of a host that cannot be reached is resolved.
const maxResolve = 5 * time.Second

// The variables of Temporal's command line. No secret is a flag, which other users can list.
const (
	envAddress    = "TEMPORAL_ADDRESS"
	envNamespace  = "TEMPORAL_NAMESPACE"
	envAPIKey     = "TEMPORAL_API_KEY"
	envTLS        = "TEMPORAL_TLS"
	envClientCert = "TEMPORAL_TLS_CLIENT_CERT_PATH"
	envClientKey  = "TEMPORAL_TLS_CLIENT_KEY_PATH"
	envServerCA   = "TEMPORAL_TLS_SERVER_CA_CERT_PATH"
	envServerName = "TEMPORAL_TLS_SERVER_NAME"
)

// temporalTarget returns how Temporal is reached, and whether a real one is named by -address or the
// environment.
func temporalTarget(f *flags) (client.Options, bool, error) {
	opts := client.Options{
		HostPort:  env(envAddress),
		Namespace: env(envNamespace),
	}
	name := envAddress
	if f.address != "" {
		name = "-address"
		opts.HostPort = f.address
	}
	if f.namespace != "" {
		opts.Namespace = f.namespace
	}
	if opts.HostPort == "" {
		return opts, false, nil
	}
	if _, port, err := net.SplitHostPort(opts.HostPort); err != nil || port == "" {
		return opts, true, usage(fmt.Sprintf("%s must be host:port, such as localhost:7233, not %q", name, opts.HostPort))
	}
	config, err := tlsConfig()
	if err != nil {
		return opts, true, usage(err.Error())
	}
	opts.ConnectionOptions.TLS = config
	if key := env(envAPIKey); key != "" {
		if config == nil {
			return opts, true, usage(envAPIKey + " needs TLS, and " + envTLS + " disables it")
		}
		opts.Credentials = client.NewAPIKeyStaticCredentials(key)
	}
	return opts, true, nil
}

// env is a variable of the environment without the white space around it.
func env(name string) string { return strings.TrimSpace(os.Getenv(name)) }

// tlsConfig returns nil if TLS is not used: it is if a variable of TLS or an API key is set.
func tlsConfig() (*tls.Config, error) {
	isUsed := false
	for _, name := range []string{envAPIKey, envClientCert, envClientKey, envServerCA, envServerName} {
		isUsed = isUsed || env(name) != ""
	}
	if text := env(envTLS); text != "" {
		value, err := strconv.ParseBool(text)
		if err != nil {
			return nil, fmt.Errorf("%s must be true or false, not %q", envTLS, text)
		}
		isUsed = value
	}
	if !isUsed {
		return nil, nil //nolint:nilnil // no TLS
	}
	config := &tls.Config{ServerName: env(envServerName), MinVersion: tls.VersionTLS12}
	certFile := env(envClientCert)
	keyFile := env(envClientKey)
	switch {
	case (certFile == "") != (keyFile == ""):
		return nil, errors.New(envClientCert + " and " + envClientKey + " must be set together")
	case certFile != "":
		certificate, err := tls.LoadX509KeyPair(certFile, keyFile)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", envClientCert, err)
		}
		config.Certificates = []tls.Certificate{certificate}
	}
	if file := env(envServerCA); file != "" {
		pem, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", envServerCA, err)
		}
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("%s: %s has no certificate in PEM", envServerCA, file)
		}
	}
	return config, nil
}

// quietLogger logs nothing: workflows, activities and this program report their errors themselves.
func quietLogger() sdklog.Logger { return sdklog.NewStructuredLogger(slog.New(slog.DiscardHandler)) }

// Dial connects to Temporal, whose client logs nothing.
func Dial(ctx context.Context, opts client.Options) (client.Client, error) {
	opts.Logger = quietLogger()
	dialCtx, cancel := context.WithTimeout(ctx, maxConnect)
	defer cancel()
	c, err := client.DialContext(dialCtx, opts)
	if err != nil {
		return nil, connectError(ctx, opts.HostPort, err)
	}
	return c, nil
}

// connectError describes a connection that failed. The text of gRPC does not have the address that is wrong.
func connectError(ctx context.Context, address string, err error) error {
	var unavailable *serviceerror.Unavailable
	if ctx.Err() != nil || !errors.As(err, &unavailable) {
		return fmt.Errorf("connect to Temporal at %s: %w", address, err)
	}
	ctx, cancel := context.WithTimeout(ctx, maxResolve)
	defer cancel()
	host, _, splitErr := net.SplitHostPort(address)
	var unresolved *net.DNSError
	_, lookupErr := net.DefaultResolver.LookupHost(ctx, host)
	if splitErr == nil && host != "" && errors.As(lookupErr, &unresolved) {
		return fmt.Errorf("the Temporal server %s cannot be reached: its host cannot be resolved", address)
	}
	if text := unavailable.Error(); strings.Contains(text, syscall.ECONNREFUSED.Error()) {
		return fmt.Errorf("the Temporal server %s cannot be reached: the connection is refused", address)
	}
	return fmt.Errorf("the Temporal server %s cannot be reached: %w", address, unavailable)
}
