# Prints the kills of some EVE Online systems as they happen. Not run by this project's tests: they have no Elixir.
#
#     elixir watch.exs 30000142 30002187
#
# KILLMAILS_URL (ws://127.0.0.1:4004) and KILLMAILS_TOKEN (test-token) say where and as whom.
Mix.install([{:slipstream, "~> 1.1"}])

defmodule Watch do
  use Slipstream

  @topic "killmails:lobby"

  def start_link(systems), do: Slipstream.start_link(__MODULE__, systems, name: __MODULE__)

  @impl Slipstream
  def init(systems) do
    base = System.get_env("KILLMAILS_URL", "ws://127.0.0.1:4004")
    query = URI.encode_query(token: System.get_env("KILLMAILS_TOKEN", "test-token"))

    socket =
      [uri: "#{base}/socket/websocket?#{query}"]
      |> connect!()
      |> assign(:systems, systems)

    {:ok, socket}
  end

  @impl Slipstream
  def handle_connect(socket), do: {:ok, join(socket, @topic, %{systems: socket.assigns.systems})}

  @impl Slipstream
  def handle_join(@topic, reply, socket) do
    IO.puts("watching #{inspect(reply["subscribed_systems"], charlists: :as_lists)}")
    {:ok, socket}
  end

  @impl Slipstream
  def handle_message(@topic, "killmail_update", update, socket) do
    for kill <- update["killmails"] do
      who = kill["victim"]["character_name"] || "somebody"
      ship = kill["victim"]["ship_type_name"] || "something"
      IO.puts("#{kill["kill_time"]} system #{update["system_id"]}: #{who} lost a #{ship}")
    end

    {:ok, socket}
  end

  def handle_message(@topic, "kill_count_update", update, socket) do
    IO.puts("system #{update["system_id"]}: #{update["count"]} kills in the last day")
    {:ok, socket}
  end

  def handle_message(_topic, _event, _payload, socket), do: {:ok, socket}

  @impl Slipstream
  def handle_topic_close(topic, _reason, socket), do: rejoin(socket, topic)

  @impl Slipstream
  def handle_disconnect(_reason, socket), do: reconnect(socket)
end

systems =
  case Enum.map(System.argv(), &String.to_integer/1) do
    [] -> [30_000_142]
    systems -> systems
  end

{:ok, _pid} = Watch.start_link(systems)
Process.sleep(:infinity)
