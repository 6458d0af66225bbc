package restorejobstest

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"time"
)

// Listen makes the server listen on a loopback address with a port, such as "127.0.0.1:8480", for
// programs that need a known address. Call it before [Server.URL] and [Server.Client]. Any other
// address is a [*net.AddrError]. An address in use, a server that already listens or is closed, and
// [InProcess] are errors too. It panics if the port of [WithDownloadOrigin] cannot be opened.
func (s *Server) Listen(address string) error {
	if s.opts.inProcess {
		return errors.New("restorejobstest: a server with InProcess does not listen")
	}
	if err := checkLoopback(address); err != nil {
		return err
	}
	listener, err := (&net.ListenConfig{}).Listen(s.baseCtx, "tcp", address)
	if err != nil {
		return fmt.Errorf("restorejobstest: %w", err)
	}
	hasStarted := false
	s.listen.Do(func() {
		s.startListeners(listener)
		hasStarted = true
	})
	if !hasStarted {
		_ = listener.Close()
		return errors.New("restorejobstest: the server already listens or is closed")
	}
	return nil
}

// checkLoopback refuses an address that other machines can reach.
func checkLoopback(address string) error {
	host, port, err := net.SplitHostPort(address)
	ip, _ := netip.ParseAddr(host)
	isLoopback := host == "localhost" || ip.IsLoopback()
	if err != nil || port == "" || !isLoopback {
		return fmt.Errorf("restorejobstest: %w", &net.AddrError{
			Err:  "must be loopback with a port, such as 127.0.0.1:8480",
			Addr: strconv.Quote(address),
		})
	}
	return nil
}

// startListeners serves the API, and downloads on the same listener or a second one.
func (s *Server) startListeners(listener net.Listener) {
	url := s.serve(listener, false)
	downloadURL := url
	if s.opts.downloadOrigin {
		downloadURL = s.serve(s.mustListen(), true)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.origin = url
	s.downloadBase = downloadURL
}

// mustListen returns a listener on a free port of loopback.
func (s *Server) mustListen() net.Listener {
	listener, err := (&net.ListenConfig{}).Listen(s.baseCtx, "tcp", "127.0.0.1:0")
	if err != nil {
		panic("restorejobstest: cannot listen: " + err.Error())
	}
	return listener
}

// serve starts a server on a listener, and returns its origin.
func (s *Server) serve(listener net.Listener, downloads bool) string {
	address := listener.Addr().String()
	if s.tls != nil {
		listener = tls.NewListener(listener, s.tls)
	}
	server := &http.Server{
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			s.running.Add(1)
			defer s.running.Done()
			s.serveHTTP(w, r, downloads)
		}),
		BaseContext:       func(net.Listener) context.Context { return s.baseCtx },
		ReadHeaderTimeout: time.Minute,
		ErrorLog:          slog.NewLogLogger(slog.DiscardHandler, slog.LevelError), // the client reports a refused certificate
	}
	s.servers = append(s.servers, server)
	s.running.Go(func() { _ = server.Serve(listener) })
	return s.scheme + "://" + address
}
